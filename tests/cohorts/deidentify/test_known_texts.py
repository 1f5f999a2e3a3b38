"""What stands in a field of a header is a word of that field, or it does not stand."""

import re

import pytest

from neurograft.cohorts.deidentify.known_texts import (
    name_channels,
    scrub_channel,
    scrub_code,
    scrub_device,
    scrub_placement,
    scrub_prefilter,
    scrub_unit,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.recordings.edf import UNITS_MNE_KNOWS

SCRUBBER = Scrubber("secret")


@pytest.mark.parametrize(
    "name",
    ["Fp1", "EEG T3-REF", "EDF Annotations", "BDF Annotations", "Status", "EOG",
     "E128", "A1-A2", "C3-P3", "ECG", "Photic", "Fz", "Cz-Pz", "DC", "EOG L", "IO",
     "IO1", "CH-001", "HEOG", "EEG 012", "T3-LE", "X1", "CP 6", "HEOGli",
     "VEOGo", "REOG", "EOG horizontal", "AF7", "Iz"],
)  # fmt: skip
def test_names_that_channels_have_stay(name):
    assert scrub_channel(name, SCRUBBER) == name


@pytest.mark.parametrize(
    "name",
    ["Huber Max 1961", "Huber", "17.03.1961", "Mrs. Smith", "4711234567", "Li Wu", "EH",
     "E H", "P471 E123", "Li", "Ng-Ref",
     "Geogi", "EOG Huber", "Huber 6"],
)  # fmt: skip
def test_a_text_in_place_of_a_channel_becomes_a_number(name):
    assert re.fullmatch(r"X\d{3}", scrub_channel(name, SCRUBBER))


def test_every_channel_keeps_a_name_of_its_own_and_in_the_same_way_everywhere():
    names = ["F3-Huber", "F3-Maier", "F3", "Huber", "Huber "]
    found = name_channels(names, SCRUBBER)
    assert found[:3] == ["F3-1", "F3-2", "F3"]
    assert len(set(found)) == len(names)
    assert found[3] == scrub_channel("Huber", SCRUBBER)


def test_units_filters_and_placements_keep_their_own_words_only():
    assert [scrub_unit(one) for one in ("uV", "µV", "Huber", "")] == [
        "uV",
        "µV",
        "",
        "",
    ]
    assert scrub_unit("Huber V") == ""
    assert scrub_prefilter("HP: 0,1 Hz LP: 70 Hz") == "HP:0,1Hz LP:70Hz"
    assert scrub_prefilter("HP:0.1Hz N:4711-234567 LP:1961031") == "HP:0.1Hz"
    assert scrub_prefilter("HP:0.1Hz LP: 75Hz N:50Hz") == "HP:0.1Hz LP:75Hz N:50Hz"
    assert scrub_prefilter("HP:DC LP:70 Huber 17.03.1961") == "LP:70"
    assert scrub_placement("10-20 system of Dr Huber") == "10-20 system"
    assert scrub_placement("Huber") == "n/a"
    assert scrub_placement("10-10 system, 17-03 61") == "10-10 system,"


@pytest.mark.parametrize(
    ("text", "stays"),
    [("CapTrak", True), ("1.10.0", True), ("CC0", True), ("CC BY-NC-SA 4.0", True),
     ("continuous", True), ("50", True), ("Ag/AgCl", True), ("Huber", False),
     ("1961-03-17", False), ("4711234567890", False), ("CC Huber", False),
     ("17.03.1961", False), ("17.03.61", False), ("19610317", False),
     ("170361", False), ("4711234", False), ("-0.00012", True), ("86400", True),
     ("CC0 17.03.1961", False), ("CC0 1961", False), ("CC0 1.0", True),
     ("03.1961", False)],
)  # fmt: skip
def test_codes_are_those_that_bids_lists(text, stays):
    assert scrub_code(text) == (text if stays else "n/a")


@pytest.mark.parametrize(
    "text", ["BrainAmp DC", "BioSemi ActiveTwo", "Easycap", "EGI 128 channel", "g.tec"]
)
def test_devices_that_are_sold_keep_their_name(text):
    assert scrub_device(text, SCRUBBER) == text


@pytest.mark.parametrize("text", ["Huber's amplifier", "BrainAmp 17031961", "ZZ"])
def test_other_devices_are_told_apart_without_their_name(text):
    hidden = scrub_device(text, SCRUBBER)
    assert re.fullmatch("device [0-9a-f]{6}", hidden)
    assert hidden == scrub_device(text, SCRUBBER)
    assert hidden != scrub_device(text, Scrubber("another"))


def test_numbers_of_many_decimals_keep_what_no_date_needs():
    assert scrub_code("-0.0723456789") == "-0.072346"
    assert scrub_code("17.031961") == "17.032"
    assert scrub_code("17.0319611") == "17.032"
    assert scrub_code("10.1991") == "10.199"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "shift_jis"])
@pytest.mark.parametrize("micro", ["\u00b5", "\u03bc"])
def test_microvolts_are_known_however_they_were_read(encoding, micro):
    if (encoding == "latin-1") == (micro == "\u03bc") and encoding != "utf-8":
        return  # neither encoding has both
    content = f"{micro}V".encode(encoding)
    assert scrub_unit(content.decode("latin-1")) == "µV"
    assert scrub_unit(content.decode("cp1252")) == "µV"


@pytest.mark.parametrize("unit", UNITS_MNE_KNOWS)
def test_units_that_the_reader_knows_stay(unit):
    assert scrub_unit(unit) in (unit, "µV")
