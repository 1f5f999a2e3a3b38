"""Only words of the field are shown of what a header holds."""

import random
import string

import pytest

from neurograft.montage.channels import template_names
from neurograft.montage.known_words import (
    is_channel_name,
    show_channels,
    show_reference,
    show_units,
)

PLANTED = [
    "Huber", "Mustermann", "17.03.1956", "19560317", "4711234567", "Erika", "1956",
    "Müller-Lüdenscheid", "17.03.56",
    "17/03/56", "17-03-56", "17 03 56", "M 47112345", "born 1956",
]  # fmt: skip


@pytest.mark.parametrize("name", [*template_names().values(), "EOG", "E129", "A1-A2",
    "EEG 001", "EEG Fp1-REF", "SpO2", "DC01", "EXG1", "Resp oro", "EMG chin", "HEOG+",
    "STI 014", "T3", "C3-P3", "X7", "EKG1", "Photic", "EDF Annotations"])  # fmt: skip
def test_names_of_channels_are_shown(name):
    assert is_channel_name(name)
    assert show_channels([name]) == name


@pytest.mark.parametrize("text", PLANTED)
@pytest.mark.parametrize("around", ["{}", "EEG {}", "{}-REF", "Cz {} ref"])
def test_names_and_dates_of_people_are_not_shown(text, around):
    written = around.format(text)
    longest = max(text.replace("-", " ").split(), key=len)
    assert not is_channel_name(written)
    assert longest not in show_channels([written, "Cz"])
    assert longest not in show_units([written, "uV"])
    assert longest not in show_reference(written)


def test_random_text_is_hardly_ever_taken_for_a_channel():
    rng = random.Random(0)
    texts = ["".join(rng.choices(string.ascii_letters, k=6)) for _ in range(2000)]
    assert sum(map(is_channel_name, texts)) < 20


@pytest.mark.parametrize(
    "text",
    ["Cz", "linked mastoids", "A1+A2", "average", "CMS/DRL", "M1, M2", "nose",
     "left earlobe", "", "FCz", "common average reference"],
)  # fmt: skip
def test_references_of_the_field_stay_as_they_are(text):
    assert show_reference(text) == text
