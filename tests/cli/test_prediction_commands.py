"""`neurograft fit` and `predict`: what they print, write and refuse."""

import pytest

from neurograft.cli.application import main
from neurograft.cli.prediction_commands import Asking


def fail(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main([str(a) for a in arguments])
    assert stopped.value.code == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_wrong_models_and_recordings_are_one_sentence(capsys, tmp_path):
    (tmp_path / "one.edf").write_bytes(b"")
    said = fail(capsys, "predict", tmp_path, tmp_path / "one.edf")
    assert "There is no predictor" in said
    assert "requires an argument" in fail(capsys, "predict", tmp_path)


def test_predictions_are_not_written_over(capsys, tmp_path):
    (tmp_path / "predictions.tsv").write_text("kept")
    said = fail(capsys, "predict", tmp_path, tmp_path / "x.edf", "--out", tmp_path)
    assert "--overwrite" in said
    assert (tmp_path / "predictions.tsv").read_text() == "kept"


def test_a_study_that_was_not_run_is_not_fitted(capsys, tmp_path):
    (tmp_path / "study.toml").write_text(
        "name = 'x'\n[cohorts.a]\nfolder = 'a'\n[pretraining]\nshipped = 'tiny'\n"
        "[tasks.t]\nkind = 'regression'\ncohort = 'a'\ncolumn = 'age'\n"
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "participants.tsv").write_text("participant_id\tage\nsub-1\t30\n")
    said = fail(capsys, "fit", tmp_path / "study.toml", "--task", "t")
    assert "run the study first" in said


def test_by_default_nothing_is_stated_of_the_person():
    assert (Asking().age, Asking().sex, Asking().label) == (None, None, "")
