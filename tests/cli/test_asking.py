"""Questions are answered in the terminal, or proposals are taken."""

import pytest

from neurograft.cli.asking import Asker, find_choice
from neurograft.errors import ConfigError


@pytest.fixture
def terminal(monkeypatch):
    """Answer the questions of a terminal; where answers end, the input has ended."""

    def answer(*said):
        left = iter(said)

        def read(question):
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", read)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        return Asker(is_silent=False)

    return answer


def test_a_question_is_asked_until_it_is_answered(terminal, capsys):
    assert terminal("nonsense", "hc").ask("Who", "--who", ["HC", "PD"], "") == "HC"
    assert "'nonsense' is none of them" in capsys.readouterr().out
    assert terminal("").ask("Who", "--who", ["HC", "PD"], "PD") == "PD"


def test_an_input_that_ends_is_one_sentence(terminal):
    with pytest.raises(ConfigError, match="The input ended"):
        terminal().ask("Who", "--who", ["HC", "PD"], "")


def test_nobody_is_asked_in_silence():
    silent = Asker(is_silent=True)
    assert silent.ask("Who", "--who", ["HC"], "HC") == "HC"
    with pytest.raises(ConfigError, match="give --who, one of HC, PD"):
        silent.ask("Who", "--who", ["HC", "PD"], "")


def test_words_in_another_case_are_meant_if_only_one_is_alike():
    assert find_choice("a", ["A", "a"]) == "a"
    assert find_choice("B", ["b", "c"]) == "b"
    assert find_choice("ß", ["SS", "ss"]) == ""
