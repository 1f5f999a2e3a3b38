"""Texts of headers and sidecars that leave the clinic: words of the field, no others.

A name can stand in every field that holds text: in the reference, in the label of a
channel, in the model of the device. Each field keeps the words that belong in it.
"""

import re
from collections.abc import Sequence
from contextlib import suppress

from neurograft.cohorts.deidentify.plain_values import MAX_DECIMALS, is_plain_number
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.montage.channels import canonical_name, template_names
from neurograft.montage.known_words import (
    CHANNEL_WORDS,
    UNIT_WORDS,
    is_channel_name,
)

MISSING = "n/a"
_DEVICE = """
brain products brainproducts gmbh brainamp brainvision actichamp actichamplus livamp
liveamp mr dc plus standard exg acticap easycap braincap cap snap slim biosemi active
activetwo activeone two one electrodes electrode geodesics geodesic egi electrical
magstim philips net amps hydrocel sensor gsn waterbased compumedics neuroscan synamps
synampsrt nuamps quikcap quik grael ant neuro eego mylab sports waveguard original
touch tmsi refa mobita saga porti nihon kohden neurofax natus nicolet xltek micromed
deltamed brainspy cadwell arc easy gtec g tec usbamp hiamp nautilus medical
engineering emotiv epoc flex insight openbci cyton daisy ganglion muse interaxon
mitsar eeg system mindmedia nexus walter graphtek lifelines trackit neuroelectrics
enobio starstim wearable sensing dsi cognionics quick bittium neurone mega
electronics neurosoft neuron spectrum medelec electro electrocap eci galileo ebneuro
mizar sirius simulated model amplifier amp channel channels ag agcl
"""
DEVICE_WORDS = frozenset(_DEVICE.split())
# More digits than a model has may be a date or a serial number. Chosen here.
MAX_DEVICE_DIGITS = 4
_PLACEMENT = """
international extended modified standard based on the system placement scheme montage
ten twenty ten-twenty percent equidistant custom according to
"""
PLACEMENT_WORDS = frozenset(_PLACEMENT.split())
PLACEMENT_CODE = re.compile(r"(5|05|10|20)([-/](5|05|10|20))?%?")
_ANYWHERE = """
raw derivative continuous discontinuous epoched m mm cm pixels acpc als besa captrak ctf
eeglab eeglab-hj kityokogawa neuromag ras other good bad eeg eog veog heog ecg emg gsr
misc trig ref resp temp audio eyegaze pupil ppg sysclock adc dac hd passive active cup
ring clip-on wire disc disk needle ag/agcl agcl silver tin gold steel carbon notch none
n/a cc0 pd pddl
"""
CODES = frozenset(_ANYWHERE.split())
LICENCE = re.compile(
    r"(CC[- ]?(0|BY([-_ ](NC|SA|ND))*)([-_ ]*v?\d\.\d)?|ODbL)", re.IGNORECASE
)
# Neither may be a date or a hospital number: 17.03.1961, 170361, 4711234.
VERSION = re.compile(r"[01]\.\d{1,2}\.\d")
# A filter as EDF writes it, such as `HP:0.1Hz LP:75Hz N:50Hz`.
FILTER = re.compile(
    r"(HP|LP|N|BP|NOTCH)[:=]?\d{1,4}([.,]\d{1,4})?(-\d{1,4})?(k?Hz|s)?[;,]?",
    re.IGNORECASE,
)
# More digits than this are no number of an electrode; words of so few letters are
# initials, unless they are known. Chosen here.
MAX_CHANNEL_DIGITS = 4
FEW_LETTERS = 2
SHORT_WORDS = frozenset(("io", "so", "lo", "uo", "l", "r"))
# Channels of the eyes, in English and German, and of other things than the brain.
OTHER_CHANNELS = re.compile(
    r"(?<![A-Za-z])([vhlr]?eog(o|u|li|re|l|r|v|h|ob|un)?|horizontal|vertical"
    r"|temperature)(?![A-Za-z])",
    re.IGNORECASE,
)
# Units of BrainVision that are no voltage: Siemens, Celsius, breathing, and none.
OTHER_UNITS = frozenset(("aru", "us", "µs", "c", "bs"))
# A micro sign in Shift-JIS, as programs show it that take it for Latin-1 of Windows.
MICRO_SJIS = "\u0192\u00ca"
ROUNDED_DECIMALS = 3


def scrub_channel(name: str, scrubber: Scrubber) -> str:
    """Return the name of a channel, or its electrode, or a number in place of a text.

    Example:
        >>> scrubber = Scrubber("secret")
        >>> scrub_channel("EEG Fp1-REF", scrubber), scrub_channel("F3-Huber", scrubber)
        ('EEG Fp1-REF', 'F3')
    """
    if _is_known_channel(name):
        return name
    for part in re.split(r"[^\w]+|_", name):
        if canonical_name(part).upper() in template_names():
            return part
    return f"X{int(scrubber.hash(name)[:8], 16) % 1000:03d}"


def _is_known_channel(name: str) -> bool:
    """Return whether a name is a channel's, and holds no initials or long numbers.

    This is stricter than what may be shown on the same machine.
    """
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", name)]
    if canonical_name(name.replace(" ", "")).upper() in template_names():
        return True
    name = OTHER_CHANNELS.sub("EOG", name)
    is_short = sum(map(str.isdigit, name)) <= MAX_CHANNEL_DIGITS
    parts = re.split(r"[^\w]+|_", name)
    alone = {part.lower() for part in parts if part.isalpha()}
    known = CHANNEL_WORDS | SHORT_WORDS
    initials = [
        word
        for word in alone.intersection(words)
        if len(word) <= FEW_LETTERS
        and word not in known
        and canonical_name(word).upper() not in template_names()
    ]
    return is_short and not initials and is_channel_name(name)


def name_channels(names: Sequence[str], scrubber: Scrubber) -> list[str]:
    """Return the scrubbed names of all channels of a file.

    Names that stay as they are come first; another one that would be the same gets a
    number behind it.
    """
    scrubbed = [scrub_channel(name, scrubber) for name in names]
    taken = {new for new, old in zip(scrubbed, names, strict=True) if new == old}
    found: list[str] = []
    for new, old in zip(scrubbed, names, strict=True):
        unique, again = new, 1
        while new != old and unique in taken:
            unique, again = f"{new}-{again}", again + 1
        taken.add(unique)
        found.append(unique)
    return found


def scrub_unit(unit: str) -> str:
    r"""Return the unit of a channel, or nothing if it is none.

    A micro sign that was read in the wrong encoding becomes one.

    Example:
        >>> scrub_unit("mV"), scrub_unit("\x83\xcaV"), scrub_unit("Huber")
        ('mV', 'µV', '')
    """
    stripped, known = unit.strip(), UNIT_WORDS | OTHER_UNITS
    if stripped.lower() in known:
        return unit
    misread = stripped.replace(MICRO_SJIS, "µ").replace("\x83\xca", "µ")
    with suppress(UnicodeError):
        misread = misread.encode("latin-1").decode("utf-8")
    misread = misread.replace("\u03bc", "µ")
    return misread if misread.lower() in known else ""


def scrub_prefilter(text: str) -> str:
    """Return the filters of a channel as EDF writes them, and nothing else."""
    joined = re.sub(r"[:=]\s+", ":", text)
    joined = re.sub(r"(?<=\d)\s+(?=k?Hz\b|s\b)", "", joined, flags=re.IGNORECASE)
    return " ".join(part for part in joined.split() if FILTER.fullmatch(part))


def scrub_device(text: str, scrubber: Scrubber) -> str:
    """Return the name of a device, or a hash that tells unknown devices apart.

    Example:
        >>> scrub_device("BrainAmp DC", Scrubber("secret"))
        'BrainAmp DC'
    """
    words = re.findall(r"[^\W\d_]+", text.lower())
    n_digits = sum(map(str.isdigit, text))
    if DEVICE_WORDS.issuperset(words) and n_digits <= MAX_DEVICE_DIGITS:
        return text
    return f"device {scrubber.hash(text)[:6]}"


def scrub_placement(text: str) -> str:
    """Return a scheme of places of electrodes, without words that are not of it."""
    known = [
        word
        for word in text.split()
        if word.strip(".,;()").lower() in PLACEMENT_WORDS
        or PLACEMENT_CODE.fullmatch(word.strip(".,;()"))
    ]
    return " ".join(known) or MISSING


def scrub_code(text: str) -> str:
    """Return a word that BIDS lists, a number, a version or a licence; else `n/a`.

    Numbers keep six decimals, and fewer where they look like a date.

    Example:
        >>> scrub_code("0.07234567891"), scrub_code("17.031961"), scrub_code("170361")
        ('0.072346', '17.032', 'n/a')
    """
    stripped = text.strip()
    is_known = stripped.lower() in CODES
    if is_known or any(form.fullmatch(stripped) for form in (LICENCE, VERSION)):
        return text
    if is_plain_number(stripped):
        return text
    return round_number(stripped) or MISSING


def round_number(text: str) -> str:
    """Round a number with many decimals; nothing for what is none, or a long one.

    Example:
        >>> round_number("0.4512345678"), round_number("-6.1e-17"), round_number("12")
        ('0.451235', '-0.000000', '')
    """
    stripped = text.strip()
    if not re.fullmatch(r"[+-]?(0|[1-9]\d{0,4})\.\d+([eE]-\d{1,2})?", stripped):
        return ""
    rounded = f"{float(stripped):.{MAX_DECIMALS}f}"
    is_plain = is_plain_number(rounded.rstrip("0"))
    return rounded if is_plain else f"{float(stripped):.{ROUNDED_DECIMALS}f}"
