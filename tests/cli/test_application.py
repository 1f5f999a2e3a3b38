"""The command line: bad input is one sentence and exit code 2."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
import tomllib

import pytest

from neurograft.cli import application
from neurograft.cli.application import main
from neurograft.config.method_table import DESCRIBED, LEARNERS, REMEDIES
from neurograft.config.methods import parse_method
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites

STUDY = """
name = "Test"
data_folder = "cohorts"
output_folder = "results"
[cohorts.students]
folder = "students"
[cohorts.clinic]
folder = "clinic"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
[evaluation]
n_splits = 3
windows_per_subject = 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    sites = default_sites(n_source=2, n_patients=3, n_controls=3, n_clinic_channels=19)
    simulate_cohorts(folder / "cohorts", sites=[sites[0], sites[2]], duration_s=20)
    (folder / "study.toml").write_text(STUDY)
    return folder


def fail(capsys, *arguments):
    """Run a command that must fail, and return its one sentence."""
    with pytest.raises(SystemExit) as stopped:
        main([str(a) for a in arguments])
    captured = capsys.readouterr()
    assert stopped.value.code == 2
    message = captured.err.strip().splitlines()[-1]
    assert message.startswith("neurograft: ")
    assert "Traceback" not in captured.err
    return message


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data_folder=nowhere", "There is no folder"),
        ("pretraining.stepz=3", "did you mean 'steps'"),
        ("tasks.disease.column=diagnosis", "has no column 'diagnosis'; found"),
        ("evaluation.n_splits=4", "3 'patient' and 3 'control' are too few"),
        ("tasks.disease.negative=['nobody']", "nobody has group = 'nobody'"),
        (
            "tasks.disease.where={group=['patient']}",
            "only 'patient' is left (3 subjects)",
        ),
        (
            "tasks.disease={kind='regression', cohort='clinic', column='group'}",
            "has a number in column 'group'",
        ),
    ],
)
def test_bad_studies_stop_before_anything_is_written(folder, capsys, override, message):
    found = fail(capsys, "run", folder / "study.toml", "--set", override)
    assert message in found
    assert not (folder / "results").exists()


def test_age_as_target_where_nobody_has_one(folder, capsys, tmp_path):
    table = folder / "cohorts/clinic/participants.tsv"
    original = table.read_text()
    rows = [line.split("\t") for line in original.splitlines()]
    header = rows[0]
    body = ["\t".join([r[0], "n/a", *r[2:]]) for r in rows[1:]]
    table.write_text("\n".join(["\t".join(header), *body]) + "\n")
    try:
        task = "tasks.disease={kind='regression', cohort='clinic', column='age'}"
        message = fail(capsys, "run", folder / "study.toml", "--set", task)
    finally:
        table.write_text(original)
    assert "no subject of 'clinic' has a number in column 'age'" in message


def test_channels_without_positions_are_a_reasoned_stop(tmp_path, capsys):
    sites = default_sites(n_source=2, n_patients=3, n_controls=3, n_clinic_channels=19)
    simulate_cohorts(tmp_path / "cohorts", sites=[sites[0], sites[2]], duration_s=20)
    for path in (tmp_path / "cohorts/students").rglob("*_channels.tsv"):
        path.unlink()
    for path in (tmp_path / "cohorts/students").rglob("*.edf"):
        content = bytearray(path.read_bytes())
        for i in range(19):  # labels are 16 bytes each, after the 256-byte header
            content[256 + 16 * i : 272 + 16 * i] = f"X{i}".ljust(16).encode()
        path.write_bytes(bytes(content))
    (tmp_path / "study.toml").write_text(STUDY)
    message = fail(capsys, "run", tmp_path / "study.toml", "-j", "1")
    assert "None of the 19 channels (X0, X1, X2, X3, X4) has a position" in message
    assert ".." not in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "requires an argument"),
        (["run", "nowhere.toml"], "There is no study file nowhere.toml"),
        (["paint"], "paint"),
        (["simulate", "x", "--n-source", "1"], 'n_source = "1": it must be at least 2'),
    ],
)
def test_bad_commands_are_one_sentence(capsys, arguments, message):
    assert message in fail(capsys, *arguments)


def test_a_stage_that_is_none_is_named(folder, capsys):
    message = fail(capsys, "run", folder / "study.toml", "--force", "sleep")
    assert "There is no stage 'sleep'; stages are harmonise, pretrain" in message


@pytest.mark.parametrize(
    "command", ["check", "run", "harmonise", "fit", "specify", "compare-pretraining"]
)
def test_a_mistake_in_a_study_file_is_told_before_anything_large_is_loaded(
    tmp_path, monkeypatch, capsys, command
):
    path = tmp_path / "study.toml"
    path.write_text('name = "x\n')
    # What opens a study loads torch; here it cannot be imported at all.
    monkeypatch.setitem(sys.modules, "neurograft.study.opened_study", None)
    monkeypatch.setitem(sys.modules, "neurograft.study.run", None)
    monkeypatch.setitem(sys.modules, "neurograft.study.check", None)
    monkeypatch.setitem(sys.modules, "neurograft.study.stages.fit", None)
    assert "is not valid TOML" in fail(capsys, command, path)


def test_a_stage_without_its_inputs_says_what_to_run(folder, capsys):
    for command, message in (
        ("pretrain", "harmonise the cohort first"),
        ("embed", "pretrain one first"),
        ("report", "run the stage that writes it first"),
    ):
        assert message in fail(capsys, command, folder / "study.toml")
    assert not list((folder / "results").rglob("provenance.json"))


def test_debug_shows_the_traceback(folder):
    with pytest.raises(Exception, match="did you mean 'steps'"):
        main(
            [
                "run",
                str(folder / "study.toml"),
                "--debug",
                "--set",
                "pretraining.stepz=1",
            ]
        )


def test_check_lists_cohorts_and_tasks_and_changes_nothing(folder, capsys):
    before = sorted(folder.rglob("*"))
    main(["check", str(folder / "study.toml")])
    out = capsys.readouterr().out
    assert "clinic: 6 recordings of 6 people" in out
    assert "task disease: 6 subjects: 3 control, 3 patient" in out
    assert sorted(folder.rglob("*")) == before


def test_a_dry_run_says_what_would_be_done(folder, capsys):
    main(["run", str(folder / "study.toml"), "--dry-run"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in lines] == [
        "harmonise", "harmonise", "pretrain", "embed", "evaluate",
        "summarise", "shift", "report",
    ]  # fmt: skip
    assert all(line.startswith("would run") for line in lines)


def test_cards_are_listed_and_shown(capsys):
    main(["cards"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 25
    assert any(line.startswith("ds004504 ") and "fetch" in line for line in lines)
    main(["cards", "show", "ds004504"])
    out = capsys.readouterr().out
    assert "same people: ds006036 (the same 88 people)" in out
    assert 'card = "ds004504"  # fills in age_column, sex_column' in out


def test_what_cannot_be_fetched_is_one_sentence(capsys, tmp_path):
    assert "did you mean" in fail(capsys, "cards", "show", "ds00450")
    message = fail(capsys, "fetch", "tuab", tmp_path / "x", "--quiet")
    assert message.startswith("neurograft: tuab cannot be fetched by a program")
    assert not (tmp_path / "x").exists()


def test_a_folder_is_copied_without_names(folder, capsys, tmp_path):
    source = folder / "cohorts/students"
    main(["deidentify", str(source), str(tmp_path / "out"), "--hash-ids"])
    out = capsys.readouterr().out
    assert "left out README: not known to be free of names" in out
    assert not list((tmp_path / "out").rglob("*sub-001*"))
    assert len(list((tmp_path / "out").rglob("*.edf"))) == 2
    made = sum(path.is_file() for path in (tmp_path / "out").rglob("*"))
    assert f"{made} files in {tmp_path / 'out'}" in out
    assert "Labels of people stay" not in out
    assert "exists" in fail(capsys, "deidentify", source, tmp_path / "out")
    main(["deidentify", str(source), str(tmp_path / "labelled")])
    assert "Labels of people stay as they are: if one" in capsys.readouterr().out


def test_a_copy_says_what_is_left_out_of_tables_and_which_option_keeps_it(
    folder, capsys, tmp_path
):
    source = tmp_path / "plain"
    source.mkdir()
    recording = next((folder / "cohorts/students").rglob("*.edf"))
    for name in ("a.edf", "b.edf"):
        (source / name).write_bytes(recording.read_bytes())
    (source / "people.csv").write_text(
        "Code;Datei;ward;rank;level\nP 1;a.edf;north;low;3rd\nP 2;b.edf;north;low;4th\n"
    )
    arguments = ["deidentify", source, tmp_path / "out", "--table", "people.csv"]
    assert "--participant-column" in fail(capsys, *arguments)
    arguments += ["--participant-column", "Code", "--file-column", "Datei"]
    main([*map(str, arguments), "--keep-columns", "rank, level"])
    out = capsys.readouterr().out
    assert "people.csv: columns left out: ward: " in out
    assert "name the column with --keep-columns" in out
    table = (tmp_path / "out/people.tsv").read_text()
    assert table.startswith("Code\tDatei\trank\n")
    assert table.count("low") == 2


def test_a_folder_to_copy_that_is_not_there_is_said_without_a_study_file(
    capsys, tmp_path
):
    message = fail(capsys, "deidentify", tmp_path / "gone", tmp_path / "out")
    assert f"The folder {tmp_path / 'gone'} does not exist" in message
    assert "study file" not in message
    (tmp_path / "a.edf").write_bytes(b"")
    message = fail(capsys, "deidentify", tmp_path / "a.edf", tmp_path / "out")
    assert "is a file; give the folder" in message


def test_help_shows_what_a_beginner_needs_first(capsys):
    main(["--help"])
    out = capsys.readouterr().out
    names = ("demo", "check", "run", "settings", "harmonise", "specify", "methods")
    places = [out.index(f"│ {name} ") for name in names]
    assert places == sorted(places)
    assert out.index("Start here") < places[0]
    assert places[3] < out.index("Stages of a study") < places[4]


@pytest.mark.parametrize(
    "command",
    ["demo", "check", "run", "settings", "embed", "specify", "compare-pretraining",
     "simulate", "fetch", "deidentify", "cards", "methods"],
)  # fmt: skip
def test_every_command_begins_with_a_plain_sentence(capsys, command):
    main([command, "--help"])
    paragraphs = capsys.readouterr().out.split("\n\n")
    sentence = " ".join(paragraphs[1].split())
    assert sentence.endswith(".")
    assert 4 <= len(sentence.split()) <= 20


def test_settings_are_listed(capsys):
    main(["settings"])
    assert (
        "pretraining.mask_ratio  (float > 0, < 1; default: 0.75)"
        in capsys.readouterr().out
    )


def test_settings_of_one_section_are_listed(capsys):
    main(["settings", "shift"])
    lines = capsys.readouterr().out.splitlines()
    names = [line for line in lines if not line.startswith(" ")]
    assert len(names) >= 6
    assert all(name.startswith("shift.") for name in names)
    main(["settings", "tasks"])
    assert "tasks.<name>.column" in capsys.readouterr().out


def test_an_unknown_section_is_one_sentence_with_the_nearest_name(capsys):
    message = fail(capsys, "settings", "evaluatio")
    assert message.endswith("in a study file; did you mean 'evaluation'?")
    assert "take name, data_folder" in fail(capsys, "settings", "qqqq")


def test_the_template_is_printed_whole_or_by_section(capsys):
    main(["settings", "--template"])
    whole = capsys.readouterr().out
    tomllib.loads(whole)
    assert "[pretraining]" in whole
    main(["settings", "harmonise", "--template"])
    part = capsys.readouterr().out
    assert "#l_freq = 0.5" in part
    assert "[pretraining]" not in part


def test_methods_remedies_and_learners_are_listed_with_their_grammar(capsys):
    main(["methods"])
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert "features[@remedy][:learner]" in lines[0]
    starts = {line.split()[0] for line in lines if line.startswith("  ")}
    assert set(DESCRIBED) <= starts
    assert {f"@{name}" for name in REMEDIES} <= starts
    assert {f":{name}" for name in LEARNERS} <= starts
    assert "Untrained twin: random-encoder." in out
    assert "neurograft[connectivity]" in out
    for example in lines[1:5]:
        parse_method(example.split()[0])


def test_help_loads_nothing_heavy():
    heavy = ("torch", "mne", "sklearn", "pandas", "scipy", "matplotlib")
    code = (
        "import sys; from neurograft.cli.application import make_app; "
        "make_app().help_print([]); "
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]")


def test_idle_threads_sleep_before_torch_is_loaded():
    code = "import os, neurograft.cli.application; print(os.environ['OMP_WAIT_POLICY'])"
    environment = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=environment,
    )  # fmt: skip
    assert done.stdout.strip() == "PASSIVE"


def test_words_too_many_and_folders_are_one_sentence(tmp_path, capsys):
    for words, sentence in (
        (["methods", "foo"], "nothing more is expected here, found 'foo'"),
        (["run", str(tmp_path)], "is a folder; give the path of the study file in it"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 2
        assert sentence in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_names_that_cannot_be_printed_are_replaced(encoding, tmp_path):
    (tmp_path / "Łódź").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "neurograft", "check", str(tmp_path / "Łódź")],
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"neurograft: " in done.stderr


def test_output_that_cannot_print_a_name_is_made_to_replace_it():
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="cp1252")
    with contextlib.redirect_stdout(stream):
        application._replace_what_cannot_be_printed()
        sys.stdout.write("Łódź\n")
        sys.stdout.flush()
    assert written.getvalue().strip() == b"\\u0141\xf3d\\u017a"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_request_to_end_is_one_sentence_and_its_own_exit_code(monkeypatch, capsys):
    def work(*_, **__):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr(application, "make_app", lambda: work)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 143
    assert "stopped; the same command goes on" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before
