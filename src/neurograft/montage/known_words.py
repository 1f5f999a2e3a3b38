"""Words of the field, and what of a header's text may be shown: those words alone.

In a damaged header, parts of a name or a date of birth stand where a channel, a unit or
a reference should. What goes into a table, a log or a page is cut to what is known.
"""

import re
from collections.abc import Iterable, Sequence

from neurograft.montage.channels import canonical_name, template_names

# What stands where a text was.
HIDDEN = "..."
# Channels that are no electrode of the 10-05 system. Chosen here.
_CHANNEL = """
eeg pol ref eog heog veog heo veo heol heor ecg ekg emg ieog meg stim sti status
trigger trig mark marker event annotations edf bdf photic pho resp respiration pulse
pleth ibi bursts suppr spo2 sao2 osat temp nasal flow thor thorax abdo abdomen snore
chin leg arm gsr eda acc accel aux misc bip bipolar ex exg dc ch chan channel sig
signal input ad gnd ground com vref loc roc left right upper lower le re av avg
average cms drl cm hr bp pr dig dtrig nc none null mic sound light gaze pupil x y z
oz ecgl ecgr heart rate packet counter battery gyro sync oral oro mouth cannula
airflow limb tibialis masseter submental mouse
"""
CHANNEL_WORDS = frozenset(_CHANNEL.split())
# A number, or a short code with one: E12, A1, C3a, CH-001.
CODE = re.compile(r"[A-Za-z]{0,3}\d{1,3}[A-Za-z]?")
_UNIT = """
uv µv μv nv mv v microvolt microvolts volt volts % bpm c degc °c f k hz ms s sec ohm
kohm mmhg l/min nt ft pt t g mg m/s^2 boolean n/a na bit bits digit arb au a.u.
uv/uv rad deg db mol l ml n nm w
"""
UNIT_WORDS = frozenset(_UNIT.split())
_REFERENCE = """
linked joined average averaged common mean median left right both bilateral mastoid
mastoids ear ears earlobe earlobes lobe lobes nose nosetip tip vertex chin neck
sternum bone cms drl rest csd laplacian bipolar monopolar referential reference ref
electrode electrodes online offline and or of the to on at placed between all
channels channel eeg single active passive driven leg none unknown infinity zero
virtual off-line on-line forehead frontal central parietal occipital temporal nasion
inion physically mathematically digital recording during recorded avg car re-
referenced rereferenced with as ohr ohren ohrläppchen mastoide nase verbunden
gemittelt mittelwert beide oreille oreilles oreja orejas
"""
REFERENCE_WORDS = frozenset(_REFERENCE.split())


def is_channel_name(name: str) -> bool:
    """Return whether a name is one that channels have, not free text.

    Example:
        >>> is_channel_name("EEG Fp1-REF"), is_channel_name("Erika Huber")
        (True, False)
    """
    if canonical_name(name).upper() in template_names():
        return True
    parts = [part for part in re.split(r"[^\w]+|_", name.strip()) if part]
    is_date = sum(map(str.isdigit, parts)) > 1
    return len(name) <= 32 and not is_date and all(map(_is_channel_word, parts))


def _is_channel_word(word: str) -> bool:
    letters = word.rstrip("0123456789+-").lower()
    is_numbered = letters in CHANNEL_WORDS and len(word) - len(letters) <= 3
    is_short = len(word) <= 2 and word.isascii()
    known = word.upper() in template_names()
    return is_numbered or is_short or known or CODE.fullmatch(word) is not None


def show_channels(names: Sequence[str]) -> str:
    """Return names of channels in words; free text is counted, not shown.

    Example:
        >>> show_channels(["EOG", "Erika Huber"])
        'EOG and 1 whose name is not shown'
    """
    shown = [name for name in names if is_channel_name(name)]
    n_hidden = len(names) - len(shown)
    if not n_hidden:
        return ", ".join(shown)
    whose = "whose name is" if n_hidden == 1 else "whose names are"
    hidden = f"{n_hidden} {whose} not shown"
    return f"{', '.join(shown)} and {hidden}" if shown else hidden


def show_units(units: Iterable[str]) -> str:
    """Return units in words; what is no unit is not shown.

    Example:
        >>> show_units(["%", "Huber"])
        "'%', text that is not shown"
    """
    units = sorted(set(units))
    shown = [repr(unit) for unit in units if unit.lower() in {"", *UNIT_WORDS}]
    hidden = ["text that is not shown"] if len(shown) < len(units) else []
    return ", ".join([*shown, *hidden])


def show_reference(text: str) -> str:
    """Return a text about a reference, cut to electrodes and words of the field.

    Example:
        >>> show_reference("linked mastoids (placed by E. Huber)")
        'linked mastoids (placed ...'
        >>> show_reference("A1+A2")
        'A1+A2'
    """
    kept: list[str] = []
    for token in text[:200].split():
        words = [word for word in re.split(r"[^\w]+|_", token) if word]
        if all(map(_is_reference_word, words)):
            kept.append(token)
        elif kept[-1:] != [HIDDEN]:
            kept.append(HIDDEN)
    return " ".join(kept)


def _is_reference_word(word: str) -> bool:
    is_known = word.lower() in REFERENCE_WORDS or word.upper() in template_names()
    return is_known or re.fullmatch(r"[A-Za-z]{1,2}\d{1,3}", word) is not None
