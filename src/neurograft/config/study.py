"""`study.toml`: every setting of a study, with its unit, bound, default and text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from neurograft.config.cohort import CohortConfig
from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.prediction import PredictionConfig
from neurograft.config.pretraining import PretrainingConfig
from neurograft.config.report import ReportConfig
from neurograft.config.section import Name, Section
from neurograft.config.shift import ShiftConfig
from neurograft.config.study_file.explanations import explain
from neurograft.config.study_file.text import open_folder, parse_toml, read_toml
from neurograft.config.tasks import DesignConfig, TaskConfig
from neurograft.config.variants.comparison import ComparisonConfig
from neurograft.config.variants.specification import SpecificationConfig
from neurograft.errors import ConfigError

MAX_TITLE = 200
Title = Annotated[str, StringConstraints(pattern=r"^[\w .-]+$", max_length=MAX_TITLE)]


class StudyConfig(Section):
    """A study: cohorts, one pretraining, tasks, methods."""

    name: Annotated[
        Title,
        Field(
            description="Title of the study, as the report shows it.",
            examples=["My study"],
        ),
    ]
    data_folder: Path = Field(
        Path(), description="Folder that holds the cohorts, relative to the study file."
    )
    output_folder: Path = Field(
        Path("results"),
        description="Folder for the results, relative to the study file.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**32 - 1,
        description="Number that fixes all random choices; the same number gives "
        "the same results.",
    )
    cohorts: dict[Name, CohortConfig] = Field(description="Cohorts by name.")
    harmonise: HarmoniseConfig = HarmoniseConfig()
    pretraining: PretrainingConfig = PretrainingConfig()
    tasks: dict[Name, TaskConfig] = Field({}, description="Tasks by name.")
    designs: dict[Name, DesignConfig] = Field(
        {}, description="Designs with subtypes, by name; each stands for many tasks."
    )
    evaluation: EvaluationConfig = EvaluationConfig()
    comparison: ComparisonConfig = ComparisonConfig()
    shift: ShiftConfig = ShiftConfig()
    specification: SpecificationConfig = SpecificationConfig()
    prediction: PredictionConfig = PredictionConfig()
    report: ReportConfig = ReportConfig()

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
        networks = [m.name for m in self.evaluation.all_methods if m.is_network]
        if self.pretraining.source and networks:
            raise ValueError(
                f"{networks[0]} learns on from an encoder of neurograft, which "
                "pretraining.source replaces; leave it out of evaluation.methods"
            )
        if self.pretraining.source and self.evaluation.occlusion:
            raise ValueError(
                "evaluation.occlusion leaves electrodes out, which an encoder of your "
                "own (pretraining.source) may need; leave occlusion out"
            )
        taken = self.pretraining.shipped or self.pretraining.source
        if not (self.source_cohorts or taken):
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
        told = self.report.prevalence
        unknown = sorted(
            set(told if isinstance(told, dict) else ()) - set(self.all_tasks)
        )
        if unknown:
            raise ValueError(
                f"report.prevalence names {unknown[0]!r}, which is no task; "
                f"found {sorted(self.all_tasks)}"
            )
        return self

    @property
    def all_tasks(self) -> dict[str, TaskConfig]:
        """Return the tasks by name: those of [tasks] and of the designs."""
        tasks = dict(self.tasks)
        for name, design in self.designs.items():
            tasks |= design.expand(name)
        return tasks

    @property
    def _tested_cohorts(self) -> list[str]:
        return [name for task in self.all_tasks.values() for name in task.cohorts]

    @property
    def source_cohorts(self) -> tuple[str, ...]:
        """Return the cohorts to pretrain on: those named, or those without a task."""
        if self.pretraining.shipped or self.pretraining.source:
            return ()
        targets = set(self._tested_cohorts)
        return self.pretraining.cohorts or tuple(
            name for name in self.cohorts if name not in targets
        )

    @property
    def target_cohorts(self) -> tuple[str, ...]:
        """Return the cohorts of the tasks, in the order of the study file."""
        targets = set(self._tested_cohorts)
        return tuple(name for name in self.cohorts if name in targets)

    @property
    def used_cohorts(self) -> tuple[str, ...]:
        """Return the cohorts that are pretrained on, tested or compared."""
        if self.shift.all_cohorts:
            return tuple(self.cohorts)
        used = {*self.source_cohorts, *self.target_cohorts}
        return tuple(name for name in self.cohorts if name in used)

    def cohort_folder(self, cohort: str) -> Path:
        """Return the folder of a cohort's recordings."""
        return self.data_folder / self.cohorts[cohort].folder


def read_study(path: Path | str, overrides: Sequence[str] = ()) -> StudyConfig:
    """Read a study file; its folders become absolute.

    Args:
        path: The TOML file.
        overrides: `section.key=value` settings that replace those of the file; values
            are TOML, and plain text where they are not.

    Raises:
        ConfigError: If the file is missing, is not TOML, or a setting is unknown or
            out of bounds; the message names the setting and the nearest right one.

    Example:
        >>> import tempfile
        >>> told = ("name=mine", "cohorts.a.folder=a", "tasks.sex.cohort=a",
        ...         "pretraining.shipped=tiny",
        ...         "tasks.sex.column=sex", "tasks.sex.kind=classification",
        ...         "tasks.sex.positive=['F']", "tasks.sex.negative=['M']")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "study.toml"
        ...     _ = path.write_text("seed = 3")
        ...     read_study(path, told).seed
        3
    """
    path = Path(path)
    settings = read_toml(path)
    for override in overrides:
        _apply_override(settings, override)
    return _make_study(settings, path)


def is_title(text: str) -> bool:
    """Return whether a text can be the title of a study.

    Example:
        >>> is_title("Pain 2"), is_title("Pain & sleep")
        (True, False)
    """
    try:
        TypeAdapter(Title).validate_python(text)
    except ValidationError:
        return False
    return True


def parse_study(text: str, path: Path) -> StudyConfig:
    """Parse the text of a study file before it is written.

    Args:
        text: TOML.
        path: Where it will lie.

    Raises:
        ConfigError: See `read_study`.
    """
    return _make_study(parse_toml(text, str(path)), path)


def _make_study(settings: dict[str, Any], path: Path) -> StudyConfig:
    """Check settings, and make their folders absolute."""
    try:
        study = StudyConfig.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(explain(error, StudyConfig, str(path))) from error
    base = path.resolve().parent
    data = open_folder(base, study.data_folder, setting="data_folder")
    output = open_folder(base, study.output_folder, setting="output_folder")
    cohorts = {
        name: _expand(cohort, data, f"cohorts.{name}.folder")
        for name, cohort in study.cohorts.items()
    }
    return study.model_copy(
        update={"data_folder": data, "output_folder": output, "cohorts": cohorts}
    )


def _expand(cohort: CohortConfig, data: Path, setting: str) -> CohortConfig:
    """Return a cohort whose folder, if it begins with `~`, is in the home folder."""
    folder = open_folder(data, cohort.folder, setting=setting)
    is_of_home = str(cohort.folder).startswith("~")
    return cohort.model_copy(update={"folder": folder}) if is_of_home else cohort


def _apply_override(settings: dict[str, Any], override: str) -> None:
    name, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"--set {override!r} is not of the form section.key=value.")
    try:
        value = parse_toml(f"value = {text}", f"--set {name}")["value"]
    except ConfigError:
        value = text
    *sections, key = name.strip().split(".")
    table = settings
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {override!r}: {section!r} is not a section.")
    table[key] = value
