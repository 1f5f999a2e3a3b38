"""`[tasks.<name>]` and `[designs.<name>]`: groups told apart, numbers predicted."""

from collections import Counter
from itertools import combinations
from typing import NamedTuple

from pydantic import Field, model_validator

from neurograft.config.section import Name, Section
from neurograft.kinds import Kind


class View(NamedTuple):
    """A cohort seen through some of its BIDS tasks; empty means all."""

    cohort: str
    bids_tasks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the view's file.

        Example:
            >>> View("eegmat", ("rest",)).name
            'eegmat_task-rest'
        """
        tasks = "+".join(self.bids_tasks)
        return f"{self.cohort}_task-{tasks}" if tasks else self.cohort

    @classmethod
    def parse(cls, name: str) -> "View":
        """Return the view of a file name.

        Example:
            >>> View.parse("eegmat_task-rest+count").bids_tasks
            ('rest', 'count')
        """
        cohort, _, tasks = name.partition("_task-")
        return cls(cohort, tuple(tasks.split("+")) if tasks else ())


class TaskConfig(Section):
    """A task: labels, the people who have them, and the question."""

    kind: Kind = Field(
        examples=["classification"],
        description="Kind of the question: two groups (`classification`), more "
        "groups without or with an order (`multiclass`, `ordinal`), "
        "a number (`regression`), or two recordings of the same "
        "people (`contrast`).",
    )
    cohort: str = Field(
        examples=["clinic"], description="Cohort whose people are predicted."
    )
    more_cohorts: tuple[str, ...] = Field(
        (),
        description="Further cohorts whose people join the task, for example to "
        "test on one cohort after another.",
    )
    column: str = Field(
        "",
        description="Column of the participants table that holds the label, for "
        "example 'group'.",
    )
    positive: tuple[str, ...] = Field(
        (),
        description="Values of the column that mean a case, for example ['patient'].",
    )
    negative: tuple[str, ...] = Field(
        (),
        description="Values of the column that mean a control, for example "
        "['control'].",
    )
    classes: dict[Name, tuple[str, ...]] = Field(
        {},
        description="Values of each group, for example { control = ['C'], mild = "
        "['M1', 'M2'], severe = ['S'] }; ordered from low to high "
        "for `ordinal`.",
    )
    where: dict[str, tuple[str, ...]] = Field(
        {},
        description="Keep only people with one of these values, for example { "
        "sex = ['F'] }.",
    )
    bids_tasks: tuple[str, ...] = Field(
        (),
        description="BIDS tasks whose recordings are used, for example ['rest']; "
        "empty takes all.",
    )
    against_cohort: str = Field(
        "",
        description="Contrast: cohort of the second recordings; empty takes the "
        "same cohort.",
    )
    against_tasks: tuple[str, ...] = Field(
        (),
        description="Contrast: BIDS tasks of the second recordings, for example "
        "['count'].",
    )
    matched: bool = Field(
        False,
        description="Keep only pairs of a case and a control of the same sex and "
        "of the same age within a year; pairs are never separated.",
    )
    confound: str = Field(
        "",
        description="Column that the protocol `confound-isolating` makes "
        "independent of the label among tested people, for example "
        "'age'.",
    )

    reference_column: str = Field(
        "",
        description="Brain age: column that tells who is healthy, for example 'group'.",
    )
    reference: tuple[str, ...] = Field(
        (),
        description="Brain age: values that mean healthy; models are trained and "
        "scored on healthy people only.",
    )

    @model_validator(mode="after")
    def _groups_named(self) -> "TaskConfig":
        problem = self._find_problem()
        if problem:
            raise ValueError(problem)
        return self

    def _find_problem(self) -> str:
        """Return the mistake in the groups in words, empty if there is none."""
        both = sorted(set(self.positive) & set(self.negative))
        in_classes = Counter(v for values in self.classes.values() for v in set(values))
        doubled = sorted(value for value, n in in_classes.items() if n > 1)
        lacks_two = not (self.positive and self.negative)
        is_two = self.kind == "classification"
        checks = {
            "classification needs `positive` and `negative` values": is_two
            and lacks_two,
            f"{self.kind} takes no `positive` or `negative` values": not is_two
            and bool(self.positive or self.negative),
            f"{both} stand in both `positive` and `negative`": bool(both),
            f"{doubled} stand in more than one of `classes`; a value means one group": (
                bool(doubled)
            ),
            f"{self.kind} needs at least three `classes`": self.kind
            in ("multiclass", "ordinal")
            and len(self.classes) < 3,
            f"{self.kind} needs a `column`": self.kind != "contrast"
            and not self.column,
            "`reference` and `reference_column` need each other": bool(self.reference)
            != bool(self.reference_column),
            "`reference` needs kind = 'regression'": bool(self.reference)
            and self.kind != "regression",
            "`matched` needs kind = 'classification'": self.matched and not is_two,
            "contrast needs `against_cohort` or `against_tasks` that differ from "
            "`cohort` and `bids_tasks`": self.kind == "contrast"
            and len(set(self.views)) < 2,
        }
        return next((words for words, is_wrong in checks.items() if is_wrong), "")

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Return the cohorts whose people are in the task, each once."""
        return tuple(dict.fromkeys(view.cohort for view in self.views))

    @property
    def views(self) -> tuple[View, ...]:
        """Return the views of the task; of a contrast, first the cases."""
        first = View(self.cohort, self.bids_tasks)
        if self.kind == "contrast":
            other = self.against_cohort or self.cohort
            return first, View(other, self.against_tasks)
        return first, *(View(other, self.bids_tasks) for other in self.more_cohorts)


class DesignConfig(Section):
    """A design with subtypes: every comparison a clinician would ask for."""

    cohort: str = Field(
        examples=["clinic"], description="Cohort whose people are told apart."
    )
    column: str = Field(
        examples=["group"],
        description="Column of the participants table that holds the diagnosis.",
    )
    controls: tuple[str, ...] = Field(
        examples=[["HC"]],
        description="Values of the column that mean a control, for example ['HC'].",
    )
    subtypes: dict[Name, tuple[str, ...]] = Field(
        examples=[{"back": ["CBP"], "widespread": ["CWP"]}],
        description="Values of each subtype, for example { back = ['CBP'], "
        "widespread = ['CWP'] }.",
    )
    bids_tasks: tuple[str, ...] = Field(
        (), description="BIDS tasks whose recordings are used; empty takes all."
    )

    def expand(self, name: str) -> dict[str, TaskConfig]:
        """Return the tasks: all patients, each subtype, matched controls, each pair.

        Example:
            >>> design = DesignConfig(cohort="c", column="dx", controls=("HC",),
            ...                       subtypes={"back": ("B",), "joint": ("J",)})
            >>> list(design.expand("pain"))[:3]
            ['pain_vs_control', 'pain_vs_matched', 'pain_back_vs_control']
        """
        everybody = tuple(v for values in self.subtypes.values() for v in values)
        tasks = {}
        for label, values in {"": everybody, **self.subtypes}.items():
            start = f"{name}_{label}" if label else name
            tasks[f"{start}_vs_control"] = self._tell_apart(values, self.controls)
            tasks[f"{start}_vs_matched"] = self._tell_apart(
                values, self.controls, matched=True
            )
        for (one, values), (other, others) in combinations(self.subtypes.items(), 2):
            tasks[f"{name}_{one}_vs_{other}"] = self._tell_apart(values, others)
        return tasks

    def _tell_apart(
        self,
        positive: tuple[str, ...],
        negative: tuple[str, ...],
        *,
        matched: bool = False,
    ) -> TaskConfig:
        return TaskConfig(
            kind="classification",
            cohort=self.cohort,
            column=self.column,
            positive=positive,
            negative=negative,
            bids_tasks=self.bids_tasks,
            matched=matched,
        )
