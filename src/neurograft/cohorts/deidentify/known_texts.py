"""Texts of headers and sidecars that leave the clinic: words of the field, no others.

A name can stand in every field that holds text: in the reference, in the label of a
channel, in the model of the device. Each field keeps the words that belong in it.
"""

import re
from collections.abc import Sequence

from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.montage.channels import canonical_name, template_names
from neurograft.montage.known_words import UNIT_WORDS, is_channel_name

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
LICENCE = re.compile(r"(CC[- ]?(0|BY([-_ ](NC|SA|ND))*)([-_ v]*[\d.]+)?|ODbL)", re.I)
# Neither may be a date or a hospital number: 17.03.1961, 170361, 4711234.
VERSION = re.compile(r"[01]\.\d{1,2}\.\d")
NUMBER = re.compile(r"[+-]?\d{1,5}(\.\d*)?([eE][+-]?\d{1,2})?")
# A filter as EDF writes it, such as `HP:0.1Hz LP:75Hz N:50Hz`.
FILTER = re.compile(r"(HP|LP|N|BP|NOTCH)[:=]?\d{1,4}(\.\d{1,4})?(-\d+)?(k?Hz|s)?", re.I)


def scrub_channel(name: str, scrubber: Scrubber) -> str:
    """Return the name of a channel, or its electrode, or a number in place of a text.

    Example:
        >>> scrubber = Scrubber("secret")
        >>> scrub_channel("EEG Fp1-REF", scrubber), scrub_channel("F3-Huber", scrubber)
        ('EEG Fp1-REF', 'F3')
    """
    if is_channel_name(name):
        return name
    for part in re.split(r"[^\w]+|_", name):
        if canonical_name(part).upper() in template_names():
            return part
    return f"X{int(scrubber.hash(name)[:8], 16) % 1000:03d}"


def name_channels(names: Sequence[str], scrubber: Scrubber) -> list[str]:
    """Return the scrubbed names of all channels of a file, each of them once."""
    found: list[str] = []
    for name in names:
        scrubbed, again = scrub_channel(name, scrubber), 1
        while scrubbed in found:
            scrubbed, again = f"{scrub_channel(name, scrubber)}-{again}", again + 1
        found.append(scrubbed)
    return found


def scrub_unit(unit: str) -> str:
    """Return the unit of a channel, or nothing if it is none."""
    return unit if unit.strip().lower() in UNIT_WORDS else ""


def scrub_prefilter(text: str) -> str:
    """Return the filters of a channel as EDF writes them, and nothing else."""
    spaced = re.sub(r"[:=]\s+", ":", text)
    return " ".join(part for part in spaced.split() if FILTER.fullmatch(part))


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
    """Return a word that BIDS lists, a number, a version or a licence; else `n/a`."""
    stripped = text.strip()
    forms = (LICENCE, VERSION, NUMBER)
    is_known = stripped.lower() in CODES or any(f.fullmatch(stripped) for f in forms)
    return text if is_known else MISSING
