"""`serve` says in one sentence why it does not serve."""

import socket

import pytest

from neurograft.app import serving
from neurograft.cli import serve_command
from neurograft.cli.application import main
from neurograft.files.lock import hold_folder


@pytest.fixture
def say(capsys):
    """Run the command, which must fail, and return its sentence."""

    def run(*words):
        with pytest.raises(SystemExit) as end:
            main(["serve", *map(str, words)])
        assert end.value.code == 2
        return capsys.readouterr().err

    return run


def test_without_the_extra_it_says_what_to_install(say, tmp_path, monkeypatch):
    monkeypatch.setattr(serve_command, "find_spec", lambda name: None)
    assert "pip install 'neurograft[app]'" in say(tmp_path)


def test_a_folder_that_is_not_there(say, tmp_path):
    assert "There is no folder" in say(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_port_that_is_taken_and_one_that_is_none(say, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.listen()
        assert "--port" in say(tmp_path, "--port", taken.getsockname()[1])
    assert "--port" in say(tmp_path, "--port", 99999)


def test_a_folder_that_is_served_already(say, tmp_path):
    with hold_folder(tmp_path / serving.APP_FOLDER, "neurograft serve"):
        assert "`neurograft serve`" in say(tmp_path, "--port", 0)


def test_nobody_else_can_connect(tmp_path):
    assert serving.HOST == "127.0.0.1"
    with serving._listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
