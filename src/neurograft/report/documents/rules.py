"""Rows of checklists: who can answer them, and how the stored tables answer."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from neurograft.report.documents import stored_facts as facts
from neurograft.report.documents.stored_study import StoredStudy

Status = Literal["reported", "partly", "author", "not done", "not applicable"]
Judge = Callable[[StoredStudy], Status]
Fact = Callable[[StoredStudy], bool]


class Rule(NamedTuple):
    """A row of a checklist.

    Attributes:
        item: Number in the checklist.
        judge: Status by the stored tables, where the author has said nothing.
        places: Anchors of the page that answer it.
        fields: Words of the author that answer it; all must be there.
        remark: Key of a sentence that is shown unless the row is reported.
    """

    item: str
    judge: Judge
    places: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    remark: str = ""


def when(
    fact: Fact, then: Status = "reported", otherwise: Status = "not done"
) -> Judge:
    """Return a judge that looks at one fact."""

    def judge(study: StoredStudy) -> Status:
        return then if fact(study) else otherwise

    return judge


def ask_author(_: StoredStudy) -> Status:
    """Leave a row to the author."""
    return "author"


def pass_over(_: StoredStudy) -> Status:
    """Call a row not applicable to any study of this kind."""
    return "not applicable"


def judge_performance(study: StoredStudy) -> Status:
    """Judge whether discrimination and calibration were measured."""
    if not facts.has_intervals(study):
        return "partly" if facts.has_results(study) else "not done"
    return "reported" if facts.has_calibration(study) else "partly"


def judge_results(study: StoredStudy) -> Status:
    """Judge whether results have intervals, also in subgroups."""
    if not facts.has_intervals(study):
        return "not done"
    return "reported" if facts.has_subgroups(study) else "partly"


def judge_clusters(study: StoredStudy) -> Status:
    """Judge whether results differ between sites, where there are several."""
    if not facts.has_clusters(study):
        return "not applicable"
    return "reported" if facts.has_cluster_results(study) else "not done"


def judge_imbalance(study: StoredStudy) -> Status:
    """Judge whether it is said how unequal groups were handled."""
    if not facts.has_groups(study):
        return "not applicable"
    return "reported" if facts.tells_imbalance(study) else "partly"


def judge_people(study: StoredStudy) -> Status:
    """Judge whether age and sex of the people are shown."""
    statuses: tuple[Status, ...] = ("not done", "partly", "reported")
    return statuses[facts.count_known(study)]


def judge_column(column: str) -> Judge:
    """Return a judge that looks whether recordings tell something."""

    def judge(study: StoredStudy) -> Status:
        known = facts.knows(study, column)
        statuses: dict[str, Status] = {"all": "reported", "some": "partly"}
        return statuses.get(known, "author")

    return judge


def judge_components(study: StoredStudy) -> Status:
    """Judge whether independent components were removed, by what was written down."""
    kept = facts.list_kept(study)
    if kept.empty:
        return "not done"
    cells = [str(cell) for name in ("repairs", "notes") for cell in kept[name]]
    return "reported" if any("ICLabel" in cell for cell in cells) else "not done"


def has_table(folder: str, name: str) -> Fact:
    """Return a fact: a table of a stage has rows."""

    def find(study: StoredStudy) -> bool:
        return study.has_rows(getattr(study, folder), name)

    return find
