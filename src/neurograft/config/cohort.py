"""Settings of a cohort: a folder of recordings and the table of its people."""

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from neurograft.config.cards import read_card
from neurograft.config.section import Section


class CohortConfig(Section):
    """A folder of recordings and the table that describes its people."""

    folder: Path = Field(
        examples=["clinic"],
        description="Folder of the recordings, relative to `data_folder`.",
    )
    card: str = Field(
        "",
        description="Name of a public data set whose card fills in the settings "
        "not given here, for example 'ds004504'; `neurograft cards` "
        "lists them.",
    )
    table: str = Field(
        "participants.tsv",
        description="Table of the participants inside the folder (.tsv, .csv or "
        ".xlsx); without BIDS names it needs a column with the "
        "files.",
    )
    participant_column: str = Field(
        "participant_id", description="Column with the label of the person."
    )
    file_column: str = Field(
        "file",
        description="Column with the path of the recording, for folders without "
        "BIDS names.",
    )
    age_column: str = Field(
        "age",
        description="Column with the age in years; an age band such as 40-49 "
        "counts as its middle; empty leaves all ages unknown.",
    )
    cap_age: bool = Field(
        False,
        description="Treat ages above 89 as 89, because higher ages identify people.",
    )
    sex_column: str = Field(
        "sex", description="Column with the sex; empty leaves the sex of all open."
    )
    sex_codes: dict[str, Literal["F", "M", "n/a"]] = Field(
        {},
        description="Meaning of the codes in the sex column, for example { '1' = "
        "'M', '2' = 'F', '3' = 'n/a' }, where 'n/a' leaves the sex open; f, m, female, "
        "male and diverse need no entry.",
    )
    group_pattern: str = Field(
        "",
        description="Regular expression that reads a column from the person's "
        "label, for example 'sub-(?P<group>[a-z]+)' for sub-hc1 and "
        "sub-pd3.",
    )
    site_column: str = Field(
        "site",
        description="Column with the site, for example the hospital or the device.",
    )
    bids_tasks: tuple[str, ...] = Field(
        (),
        description="BIDS tasks whose recordings are used, for example ['rest']; "
        "empty takes all.",
    )
    condition: str = Field(
        "",
        description="Keep only the stretches of this condition, which "
        "`conditions` must list.",
    )
    conditions: dict[str, tuple[str, ...]] = Field(
        {},
        description="Events that begin each condition, for example { eyes-closed "
        "= ['eyes_closed'], eyes-open = ['eyes_open'] }.",
    )
    channel_aliases: dict[str, str] = Field(
        {},
        description="Standard (10-05) names of channels that the files call "
        "differently, for example { 'EEG 1' = 'Fp1' }.",
    )
    reference: str = Field(
        "",
        description="Electrode that was the reference, for recordings that do "
        "not name it, for example 'Cz'.",
    )
    units: Literal["microvolts", "arbitrary"] = Field(
        "microvolts",
        description="Write `arbitrary` if the amplitudes of the files have no "
        "known unit; recordings are then brought to the same scale.",
    )
    unit_factor: float = Field(
        1.0,
        gt=0,
        description="Multiply the signals by this number, if the files state a "
        "wrong unit.",
    )
    line_freq: float | None = Field(
        None,
        ge=45,
        le=65,
        examples=[50.0],
        description="Mains frequency in Hz (50 or 60), for recordings that do "
        "not state it; without it, it is detected.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_from_card(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("card"):
            return read_card(str(given["card"])).cohort | given
        return given

    @model_validator(mode="after")
    def _condition_known(self) -> "CohortConfig":
        if self.condition and self.condition not in self.conditions:
            raise ValueError(
                f"condition {self.condition!r} is not in `conditions`; "
                f"found {sorted(self.conditions)}"
            )
        return self

    @field_validator("group_pattern")
    @classmethod
    def _pattern_is_one(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(
                f"{pattern[:60]!r} is no regular expression; write one such as "
                "'sub-(?P<group>[a-z]+)'"
            ) from error
        return pattern

    @property
    def people_settings(self) -> dict[str, Any]:
        """Return the settings by which the table of people is read."""
        names = {
            "participant_column", "file_column", "age_column", "cap_age", "sex_column",
            "sex_codes",
        }  # fmt: skip
        return self.model_dump(mode="json", include=names)

    @property
    def signal_settings(self) -> dict[str, Any]:
        """Return the settings that change signals; the others change tables only."""
        names = {
            "condition", "conditions", "channel_aliases", "reference", "units",
            "unit_factor", "line_freq",
        }  # fmt: skip
        return self.model_dump(mode="json", include=names)
