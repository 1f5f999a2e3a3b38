"""Guard a study before hours of work: whom it would pretrain on, and whom test."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from neurograft.config.cards import list_cards
from neurograft.evaluation.prepared_task import restrict_task
from neurograft.recordings.found_recording import FoundRecording
from neurograft.study.comparison.variants import list_left_out, list_source_cohorts
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import guard_for_study, make_reader
from neurograft.study.stages.pretrain import foresee_card
from neurograft.tasks.leak_guard import (
    SharedPeople,
    check_cohorts,
    find_shared_cohorts,
)


def check_sources(study: Study) -> list[str]:
    """Check that no cohort pretrained on holds people of one that is tested on.

    Returns:
        Sentences about those that do, where the study allows it.

    Raises:
        LeakageError: If one does and the study does not allow it.
    """
    settings = study.settings
    pretraining = settings.pretraining
    shared = find_shared(study, settings.source_cohorts, settings.target_cohorts)
    check_cohorts(
        shared,
        allow_transductive=pretraining.allow_transductive,
        sealed=pretraining.without_sealed,
    )
    left_out = (
        "people whom the hold-out seals are left out of pretraining"
        if pretraining.without_sealed
        else "the study allows it"
    )
    return [
        f"{source} is pretrained on and tested on; {left_out}"
        if source == target
        else f"{source} (pretrained on) and {target} (tested on) hold the same people: "
        f"{how}; the study allows it"
        for source, target, how in shared
    ]


def check_variant_sources(study: Study) -> None:
    """Check that no way to pretrain of a comparison sees people it is tested on.

    Raises:
        LeakageError: If one does and the study does not allow it.
    """
    settings = study.settings
    for left_out in list_left_out(settings):
        sources = list_source_cohorts(settings, left_out, settings.pretraining)
        tested = [name for name in left_out if name in settings.target_cohorts]
        check_cohorts(
            find_shared(study, sources, tested),
            allow_transductive=settings.pretraining.allow_transductive,
        )


def find_shared(
    study: Study, sources: Sequence[str], targets: Sequence[str]
) -> list[SharedPeople]:
    """Find cohorts pretrained on that hold people of cohorts tested on.

    By name, by the cards of public data sets, and by folders, links resolved.
    """
    return find_shared_cohorts(
        sources,
        targets,
        cards={
            name: data_set
            for name in dict.fromkeys((*sources, *targets))
            for data_set in [study.name_data_set(name).name]
            if data_set in list_cards()
        },
        compare_folders=partial(_compare_folders, study),
    )


def _compare_folders(study: Study, source: str, target: str) -> str:
    """Say what two cohorts share, links resolved; empty if nothing.

    Equal labels mean the same person only where one folder is, or holds, the other.
    """
    cohorts = study.cohort(source), study.cohort(target)
    one, two = (cohort.folder.resolve() for cohort in cohorts)
    files, labels = (
        [{get(found) for found in cohort.recordings} for cohort in cohorts]
        for get in (_find_file, _find_label)
    )
    n_files, n_labels = len(files[0] & files[1]), len(labels[0] & labels[1])
    if n_labels and (one == two or one in two.parents or two in one.parents):
        return f"one folder is read twice, and {n_labels} labels are in both cohorts"
    return f"{n_files} files are in both" if n_files else ""


def _find_file(found: FoundRecording) -> Path:
    return found.path.resolve()


def _find_label(found: FoundRecording) -> str:
    return found.key.participant_id


def check_seen(study: Study) -> None:
    """Check harmonised signals for people whom the encoder has seen, or will see.

    Raises:
        LeakageError: If there are any and the study does not allow it, or somebody is
            twice in a task.
    """
    study = study.with_controls
    reader, card = make_reader(study), foresee_card(study)
    for task in study.build_tasks():
        guard_for_study(study, restrict_task(task, reader), reader, card)
