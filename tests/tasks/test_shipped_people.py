"""The encoder of the package recognises people that it has seen (real recordings)."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.writing import write_recording
from neurograft.models.saving import find_shipped, read_encoder_card
from neurograft.recordings.reading import read_found
from neurograft.tasks.seen_people import DataSet, RecordedPerson, SeenPeople

NAME = "ds004504_dementia"


@pytest.fixture
def known():
    return SeenPeople.of_card(read_encoder_card(find_shipped("tiny")))


def hide(recording, rng):
    """Crop to 70 s, invert, amplify and give every electrode another's name."""
    seconds = int(70 * recording.sfreq)
    start = int(rng.integers(0, recording.n_times - seconds))
    signals = np.asarray(recording.signals[:, start : start + seconds])
    return replace(
        recording, signals=-2.5 * signals[rng.permutation(len(signals))], segments=()
    )


def make_person(recording, label, folder, **settings):
    other = HarmoniseConfig().model_copy(update=settings)
    stored = write_recording(folder, harmonise_recording(recording, other))
    place = DataSet("pain", ("clinic/pain",))
    return RecordedPerson("pain", label, place, (stored.fingerprint,))


@pytest.mark.real_data
def test_people_of_a_public_data_set_are_recognised_under_other_names(
    real_data, tmp_path, known
):
    pytest.importorskip("soundfile")
    options = ("--cohort", NAME, "--subjects", "6")
    command = [sys.executable, str(real_data / "unpack"), str(tmp_path), *options]
    subprocess.run(command, check=True, capture_output=True)
    settings = CohortConfig(folder=NAME, card=NAME)
    rng = np.random.default_rng(0)
    people = [
        make_person(
            hide(read_found(found), rng), f"sub-{number}", tmp_path,
            sfreq=100.0, l_freq=1.0, h_freq=40.0,
        )
        for number, found in enumerate(
            OpenedCohort(NAME, tmp_path / NAME, settings).recordings
        )
    ]  # fmt: skip
    assert len(people) == 6
    assert known.find_people(people) == dict.fromkeys(range(6), "signal")


def test_their_labels_are_recognised_where_the_data_set_is_theirs(known):
    public = DataSet.of_folder("patients", NAME, find_shipped("tiny"))
    own = [RecordedPerson("patients", f"sub-{n:03d}", public, ()) for n in (1, 88, 89)]
    assert known.find_people(own) == {0: "label", 1: "label"}
    other = [one._replace(data_set=DataSet("x", ("a/x",))) for one in own]
    assert known.find_people(other) == {}
    assert known.name_relatives(["ds004504"])


@pytest.mark.parametrize("seed", range(3))
def test_people_it_has_not_seen_are_not_recognised(
    make_recording, known, tmp_path, seed
):
    recording = make_recording(duration_s=120, seed=seed)
    assert known.find_people([make_person(recording, "sub-001", tmp_path)]) == {}
