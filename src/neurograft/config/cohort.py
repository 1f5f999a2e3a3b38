"""Settings of a cohort: a folder of recordings and the table of its people."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from neurograft.config.cards import read_card
from neurograft.config.section import Section


class CohortConfig(Section):
    """A folder of recordings and the table that describes its people."""

    folder: Path = Field(description="Folder of recordings, relative to data_folder.")
    card: str = Field(
        "",
        description="Name of a data set that neurograft knows (`neurograft cards`): "
        "its card fills in the settings that are not given here.",
    )
    table: str = Field(
        "participants.tsv",
        description="Table of participants inside the folder (.tsv, .csv or .xlsx). A "
        "folder that is not BIDS needs a column `file` in it.",
    )
    participant_column: str = Field(
        "participant_id", description="Column that names the subject."
    )
    file_column: str = Field(
        "file", description="Column with the file path, for folders that are not BIDS."
    )
    age_column: str = Field(
        "age", description="Column with the age in years; bins count as their middle."
    )
    cap_age: bool = Field(
        False, description="Treat ages above 89 as 89, for they identify people (BIDS)."
    )
    sex_column: str = Field("sex", description="Column with the sex.")
    sex_codes: dict[str, Literal["F", "M"]] = Field(
        {},
        description="What the codes of the sex column mean, for example "
        "{ '1' = 'M', '2' = 'F' }. f/m and female/male need no entry.",
    )
    group_pattern: str = Field(
        "",
        description="Regular expression with named groups that reads columns from the "
        "subject's label, for example 'sub-(?P<group>[a-z]+)' for sub-hc1, sub-pd3.",
    )
    site_column: str = Field(
        "site",
        description="Column with the site (hospital, device), where there is one.",
    )
    bids_tasks: tuple[str, ...] = Field(
        (), description="BIDS tasks to use; empty means all."
    )
    condition: str = Field(
        "",
        description="Keep only the stretches of this condition, one of `conditions`.",
    )
    conditions: dict[str, tuple[str, ...]] = Field(
        {},
        description="Events that begin each condition, for example "
        "{ eyes-closed = ['eyes_closed'], eyes-open = ['eyes_open'] }.",
    )
    channel_aliases: dict[str, str] = Field(
        {}, description="10-05 names of channels that the files call otherwise."
    )
    reference: str = Field(
        "", description="Recording reference, where the files do not say."
    )
    units: Literal["microvolts", "arbitrary"] = Field(
        "microvolts",
        description="`arbitrary` if the amplitude scale of the files means nothing: "
        "each recording is then brought to one scale and absolute power is not used.",
    )
    unit_factor: float = Field(
        1.0,
        gt=0,
        description="Multiply the signals by this, where the files state a wrong unit.",
    )
    line_freq: float | None = Field(
        None,
        gt=0,
        description="Mains frequency in Hz, where the sidecar does not say; otherwise "
        "it is read from the sidecar or detected.",
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

    @property
    def signal_settings(self) -> dict[str, Any]:
        """The settings that change signals; the others change tables only."""
        names = {
            "condition", "conditions", "channel_aliases", "reference", "units",
            "unit_factor", "line_freq",
        }  # fmt: skip
        return self.model_dump(mode="json", include=names)
