"""`study.toml`: every setting of a study, with its unit, bound, default and text."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from neurograft.cards import read_card
from neurograft.config_comparison import ComparisonConfig
from neurograft.config_errors import explain
from neurograft.config_evaluation import EvaluationConfig
from neurograft.config_pretraining import PretrainingConfig
from neurograft.config_section import Name, Section
from neurograft.config_shift import ShiftConfig
from neurograft.config_specification import SpecificationConfig
from neurograft.config_tasks import DesignConfig, TaskConfig
from neurograft.errors import ConfigError


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


class HarmoniseConfig(Section):
    """How recordings are brought to one band, rate and reference."""

    sfreq: float = Field(128.0, ge=64, le=512, description="Sampling rate kept, Hz.")
    l_freq: float = Field(0.5, gt=0, le=5, description="Lower band edge, Hz.")
    h_freq: float = Field(45.0, ge=20, le=200, description="Upper band edge, Hz.")
    min_duration_s: float = Field(
        20.0, ge=1, description="Shorter recordings are dropped, seconds."
    )
    max_bad_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="More bad channels than this: recording dropped, or the second in "
        "which they are.",
    )
    deviation_z: float = Field(
        5.0, gt=0, description="Bad: robust z of a channel's amplitude (PREP)."
    )
    noise_z: float = Field(
        5.0, gt=0, description="Bad: robust z of the amplitude above 50 Hz (PREP)."
    )
    min_correlation: float = Field(
        0.4, ge=0, lt=1, description="Correlation below which channels differ (PREP)."
    )
    max_lonely_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Bad: share of seconds in which a channel is constant or resembles "
        "no other. PREP takes .01, which is made for dense caps.",
    )
    iclabel: bool = Field(
        False,
        description="Remove independent components that ICLabel calls muscle or eye "
        "(slow; needs neurograft[clean]).",
    )
    autoreject: bool = Field(
        False,
        description="Drop the seconds that autoreject rejects (slow; needs "
        "neurograft[clean]).",
    )
    clip_sd: float = Field(
        30.0,
        ge=10,
        le=100,
        description="Amplitudes beyond this many robust SDs are no EEG: clipped, or "
        "the second is dropped where many channels are beyond.",
    )

    @model_validator(mode="after")
    def _band_fits_rate(self) -> "HarmoniseConfig":
        if self.h_freq > 0.45 * self.sfreq:
            raise ValueError(
                f"h_freq={self.h_freq:g} Hz needs sfreq of at least "
                f"{self.h_freq / 0.45:.0f} Hz, found sfreq={self.sfreq:g}"
            )
        return self


class StudyConfig(Section):
    """A study: cohorts, one pretraining, tasks, methods."""

    name: Annotated[str, Field(pattern=r"^[\w .-]+$", description="Title.")]
    data_folder: Path = Field(
        Path(), description="Folder of the cohorts, relative to the study file."
    )
    output_folder: Path = Field(
        Path("results"), description="Folder for results, relative to the study file."
    )
    seed: int = Field(0, ge=0, description="Seed of everything random.")
    cohorts: dict[Name, CohortConfig] = Field(description="Cohorts by name.")
    harmonise: HarmoniseConfig = HarmoniseConfig()
    pretraining: PretrainingConfig = PretrainingConfig()
    tasks: dict[Name, TaskConfig] = Field({}, description="Tasks by name.")
    designs: dict[Name, DesignConfig] = Field(
        {}, description="Designs with subtypes, each many tasks."
    )
    evaluation: EvaluationConfig = EvaluationConfig()
    comparison: ComparisonConfig = ComparisonConfig()
    shift: ShiftConfig = ShiftConfig()
    specification: SpecificationConfig = SpecificationConfig()

    @model_validator(mode="after")
    def _cohorts_exist(self) -> "StudyConfig":
        named = [*self.pretraining.cohorts, *self._tested_cohorts]
        unknown = sorted(set(named) - set(self.cohorts))
        if unknown:
            raise ValueError(
                f"cohort {unknown[0]!r} is not in [cohorts]; "
                f"found {sorted(self.cohorts)}"
            )
        if not self.all_tasks:
            raise ValueError("a study needs at least one [tasks.<name>]")
        if self.pretraining.without_sealed and not self.evaluation.holdout:
            raise ValueError(
                "pretraining.without_sealed needs evaluation.holdout, which says who "
                "is sealed"
            )
        if not (self.source_cohorts or self.pretraining.shipped):
            raise ValueError(
                "every cohort belongs to a task, none is left to pretrain on; "
                "add a cohort, name pretraining.cohorts or set pretraining.shipped"
            )
        return self

    @model_validator(mode="after")
    def _tasks_exist(self) -> "StudyConfig":
        unknown = sorted(set(self.comparison.not_counted) - set(self.all_tasks))
        if unknown:
            raise ValueError(
                f"comparison.not_counted names {unknown[0]!r}, which is no task; "
                f"found {sorted(self.all_tasks)}"
            )
        return self

    @property
    def all_tasks(self) -> dict[str, TaskConfig]:
        """Tasks by name: those of [tasks] and of the designs."""
        tasks = dict(self.tasks)
        for name, design in self.designs.items():
            tasks |= design.expand(name)
        return tasks

    @property
    def _tested_cohorts(self) -> list[str]:
        return [name for task in self.all_tasks.values() for name in task.cohorts]

    @property
    def source_cohorts(self) -> tuple[str, ...]:
        """Cohorts to pretrain on: those named, else all that no task uses."""
        if self.pretraining.shipped:
            return ()
        targets = set(self._tested_cohorts)
        return self.pretraining.cohorts or tuple(
            name for name in self.cohorts if name not in targets
        )

    @property
    def target_cohorts(self) -> tuple[str, ...]:
        """Cohorts that tasks are about, in the order of the study file."""
        targets = set(self._tested_cohorts)
        return tuple(name for name in self.cohorts if name in targets)

    @property
    def used_cohorts(self) -> tuple[str, ...]:
        """Cohorts that are pretrained on, belong to a task, or are compared."""
        if self.shift.all_cohorts:
            return tuple(self.cohorts)
        used = {*self.source_cohorts, *self.target_cohorts}
        return tuple(name for name in self.cohorts if name in used)

    def cohort_folder(self, cohort: str) -> Path:
        """Folder where a cohort's recordings lie."""
        return self.data_folder / self.cohorts[cohort].folder


def read_study(path: Path, overrides: Sequence[str] = ()) -> StudyConfig:
    """Read a study file; its folders become absolute.

    Args:
        path: The TOML file.
        overrides: `section.key=value` settings that replace those of the file; values
            are TOML, and plain text where they are not.

    Raises:
        ConfigError: If the file is missing, is not TOML, or a setting is unknown or
            out of bounds; the message names the setting and the nearest right one.
    """
    if not path.is_file():
        raise ConfigError(
            f"There is no study file {path}; give the path of a TOML file."
        )
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    for override in overrides:
        _apply_override(settings, override)
    try:
        study = StudyConfig.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(explain(error, StudyConfig, str(path))) from error
    base = path.resolve().parent
    return study.model_copy(
        update={
            "data_folder": (base / study.data_folder.expanduser()).resolve(),
            "output_folder": (base / study.output_folder.expanduser()).resolve(),
        }
    )


def _apply_override(settings: dict[str, Any], override: str) -> None:
    name, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"--set {override!r} is not of the form section.key=value.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *sections, key = name.strip().split(".")
    table = settings
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {override!r}: {section!r} is not a section.")
    table[key] = value
