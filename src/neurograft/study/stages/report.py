"""The report stage: tables in, one page out."""

from neurograft.config.study import StudyConfig
from neurograft.errors import DataError
from neurograft.files.stage import Stage, is_as_written
from neurograft.files.tables import read_table
from neurograft.files.writing import write_text
from neurograft.models.saving import read_encoder_card
from neurograft.report.page import PageSources, build_page
from neurograft.study.opened_study import Study

REPORT_FILE = "report.html"


def describe_report(study: Study) -> Stage:
    """Describe the stage: the fingerprints of everything shown."""
    settings = study.settings
    inputs = {name: study.mark(name) for name in ("evaluation", "summary", "shift")}
    inputs["encoder"] = study.mark("pretraining", settings.pretraining.name)
    inputs |= {name: study.mark("cohorts", name) for name in settings.used_cohorts}
    described = {
        "title": settings.name,
        "report": settings.report.model_dump(mode="json"),
    }
    return Stage(study.folder("report"), described, inputs)


def run_report(study: Study) -> None:
    """Write `report.html`, and its figures as files in `report/`.

    Raises:
        DataError: If a table or the encoder's card is missing, or was changed since
            it was written.
    """
    for name in ("evaluation", "summary", "shift"):
        if not is_as_written(study.folder(name)):
            raise DataError(
                f"{study.folder(name)} is missing, or was changed after it was "
                "written; run the stage that writes it first."
            )
    stage = describe_report(study)
    stage.begin()
    figures: dict[str, str] = {}
    page = build_page(locate_tables(study), figures)
    for name, svg in figures.items():
        write_text(stage.folder / f"{name}.svg", svg + "\n")
    write_text(study.settings.output_folder / REPORT_FILE, page)
    stage.finish(study.settings.output_folder / REPORT_FILE)


def locate_tables(study: Study) -> PageSources:
    """Locate the tables of a page, and collect the settings that its text names."""
    settings, evaluation = study.settings, study.settings.evaluation
    counts = read_table(study.folder("evaluation") / "tasks.tsv")["n_windows"]
    return PageSources(
        evaluation=study.folder("evaluation"),
        summary=study.folder("summary"),
        shift=study.folder("shift"),
        pretraining=study.encoder_folder,
        card=read_encoder_card(study.encoder_folder),
        cohorts={c: study.folder("cohorts", c) for c in settings.used_cohorts},
        roles=_name_roles(settings),
        words={
            "title": settings.name,
            "targets": ", ".join(settings.target_cohorts),
            "target": settings.pretraining.target,
            "harmonise": settings.harmonise,
            "windows": " or ".join(map(str, sorted(set(counts)))),
            "window_s": settings.pretraining.window_s,
            "n_repeats": evaluation.n_repeats,
            "n_splits": evaluation.n_splits,
            "n_inner": evaluation.n_inner,
            "n_bootstraps": evaluation.n_bootstraps,
            "n_permutations": evaluation.n_permutations,
        },
    )


def _name_roles(settings: StudyConfig) -> dict[str, str]:
    """Name the use of every cohort."""
    roles: dict[str, list[str]] = {}
    for cohort in settings.source_cohorts:
        roles.setdefault(cohort, []).append("pretraining")
    for cohort in settings.target_cohorts:
        roles.setdefault(cohort, []).append("tasks")
    return {
        cohort: ", ".join(roles.get(cohort, ["comparison"]))
        for cohort in settings.used_cohorts
    }
