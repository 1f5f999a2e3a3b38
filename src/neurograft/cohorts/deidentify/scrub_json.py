"""Sidecars without names: keys that BIDS knows, short numbers, words of the field."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from neurograft.cohorts.ages import PER_YEAR, name_unit, read_age_unit
from neurograft.cohorts.deidentify.known_texts import (
    MISSING,
    scrub_code,
    scrub_device,
    scrub_placement,
    scrub_unit,
)
from neurograft.cohorts.deidentify.people.column_names import AGE, classify_column
from neurograft.cohorts.deidentify.plain_values import (
    DATE_NUMBER,
    MAX_DECIMALS,
    MAX_WHOLE_DIGITS,
    is_year,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.errors import DataError
from neurograft.files.text import fold, read_json, say_text
from neurograft.montage.known_words import show_reference

# Keys of BIDS 1.10 whose value is a number or a word that BIDS lists.
CODE_KEYS = {
    "SamplingFrequency", "PowerLineFrequency", "EEGChannelCount", "EOGChannelCount",
    "ECGChannelCount", "EMGChannelCount", "MISCChannelCount", "MiscChannelCount",
    "TriggerChannelCount", "RecordingDuration", "RecordingType", "EpochLength",
    "SoftwareFilters", "HardwareFilters", "HeadCircumference",
    "SubjectArtefactDescription", "EEGCoordinateSystem", "EEGCoordinateUnits",
    "BIDSVersion", "DatasetType", "License",
}  # fmt: skip
# Those of them whose number may be as large as a year: hertz and seconds.
LARGE_KEYS = {"SamplingFrequency", "RecordingDuration", "EpochLength"}
# Keys whose value is a text of which the words of the field may stay.
REFERENCE_KEYS = {"EEGReference", "EEGGround"}
TITLE_KEYS = {"TaskName", "Name"}
DEVICE_KEYS = {
    "Manufacturer", "ManufacturersModelName", "CapManufacturer",
    "CapManufacturersModelName",
}  # fmt: skip
PLACEMENT_KEYS = {"EEGPlacementScheme"}


def scrub_json(
    source: Path, scrubber: Scrubber, units: Mapping[str, str] | None = None
) -> str:
    """Keep the keys that describe the recording, and of their texts what is known.

    Values that hold others, such as the settings of filters, are left out.

    Args:
        source: The sidecar.
        scrubber: Hides people.
        units: Of the columns of a table that it describes.

    Raises:
        DataError: If it is not JSON.
    """
    kept: dict[str, Any] = {}
    for key, value in read_json(source).items():
        scrub = _choose_scrubbing(key, scrubber)
        if scrub is None or isinstance(value, (dict, list)):
            continue
        if key not in LARGE_KEYS and is_year(str(value)):
            kept[key] = MISSING
            continue
        is_text = isinstance(value, str) and value != MISSING
        kept[key] = scrub(value) if is_text else _scrub_number(value)
    kept |= _describe(units or {})
    return json.dumps(kept, indent=2, ensure_ascii=False) + "\n"


def tell_units(units: Mapping[str, str]) -> str:
    """Return the sidecar of a table, with the units of its columns."""
    return json.dumps(_describe(units), indent=2, ensure_ascii=False) + "\n"


def _describe(units: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {column: {"Units": unit} for column, unit in units.items()}


def _scrub_number(value: Any) -> Any:
    """Return a number of few digits; others may be a date or that of a hospital."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if not math.isfinite(value) or abs(value) >= 10**MAX_WHOLE_DIGITS:
        return MISSING
    if isinstance(value, int):
        return value
    rounded = round(value, MAX_DECIMALS)
    is_date = DATE_NUMBER.fullmatch(f"{abs(rounded):.{MAX_DECIMALS}f}") is not None
    return round(value, 3) if is_date else rounded


def list_units(path: Path, table: pd.DataFrame) -> dict[str, str]:
    """List the units of columns, as a sidecar beside a table says, in known words.

    Args:
        path: The sidecar.
        table: What stays of its table.
    """
    try:
        entries = {fold(k).lower(): v for k, v in read_json(path).items()}
    except DataError:
        return {}
    found = {}
    for column in map(str, table):
        entry = entries.get(fold(column).lower())
        if not isinstance(entry, dict):
            continue
        said = say_text(entry.get("Units"))
        unit = name_unit(said) or scrub_unit(said)
        if classify_column(column) == AGE:
            unit = read_age_unit(path, table, column)
            unit = unit if unit in PER_YEAR else ""
        if unit:
            found[column] = unit
    return found


def _choose_scrubbing(key: str, scrubber: Scrubber) -> Callable[[str], str] | None:
    """Choose what scrubs the text of a key; None where the key is left out."""
    if key in CODE_KEYS:
        return scrub_code
    if key in REFERENCE_KEYS:
        return show_reference
    if key in TITLE_KEYS:
        return scrubber.scrub
    if key in DEVICE_KEYS:
        return lambda text: scrub_device(text, scrubber)
    return scrub_placement if key in PLACEMENT_KEYS else None
