"""The report stage: tables in, one page out."""

from datetime import date
from importlib.metadata import version
from pathlib import Path

from neurograft.config.study import StudyConfig
from neurograft.errors import DataError
from neurograft.files.stage import Stage, is_as_written
from neurograft.files.tables import write_table
from neurograft.files.writing import write_text
from neurograft.models.saving import read_encoder_card
from neurograft.report.blocks import PageWords
from neurograft.report.documents.checklist import (
    render_markdown,
    tabulate_checklists,
)
from neurograft.report.documents.methods_text import write_methods
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.page import PageSources, build_page
from neurograft.report.person_page import build_person_page
from neurograft.report.sections.people import name_person_page
from neurograft.study.opened_study import Study

REPORT_FILE = "report.html"
PEOPLE_FOLDER = "subjects"
# Written beside the figures, in the folder of the stage.
CHECKLIST_FILE = "checklist.tsv"
CHECKLIST_TEXT_FILE = "checklist.md"
METHODS_FILE = "methods.txt"
REFERENCES_FILE = "references.bib"


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
    """Write `report.html`, a page per person, and in `report/` figures and documents.

    Raises:
        DataError: If a table or the encoder's card is missing, or was changed since
            it was written.
    """
    folders = [study.folder(name) for name in ("evaluation", "summary", "shift")]
    folders += [study.folder("cohorts", c) for c in study.settings.used_cohorts]
    for folder in folders:
        if not is_as_written(folder):
            raise DataError(
                f"{folder} is missing, or was changed after it was "
                "written; run the stage that writes it first."
            )
    stage = describe_report(study)
    stage.begin()
    figures: dict[str, str] = {}
    sources = locate_tables(study)
    page = build_page(sources, figures)
    for name, svg in figures.items():
        write_text(stage.folder / f"{name}.svg", svg + "\n")
    _write_documents(sources.study, stage.folder)
    _write_people(sources.study, study.settings.output_folder)
    write_text(study.settings.output_folder / REPORT_FILE, page)
    stage.finish(study.settings.output_folder / REPORT_FILE)


def _write_people(stored: StoredStudy, folder: Path) -> None:
    """Write the page of every person, and remove those of people who have none now."""
    words = PageWords(stored.author.language)
    written = set()
    for person in stored.people_with_pages:
        path = folder / name_person_page(person)
        write_text(path, build_person_page(stored, person, words))
        written.add(path)
    for path in (folder / PEOPLE_FOLDER).glob("*/*.html"):
        if path not in written:
            path.unlink()


def _describe_foot(study: Study) -> dict[str, str]:
    """Describe what made the page."""
    settings = study.settings
    return {
        "date": date.today().isoformat(),
        "version": version("neurograft"),
        "study_file": settings.name,
        "seed": str(settings.seed),
        "fingerprint": study.mark("summary")[:12],
    }


def _write_documents(stored: StoredStudy, folder: Path) -> None:
    """Write the checklists, and the methods text with its references."""
    table = tabulate_checklists(stored)
    write_table(folder / CHECKLIST_FILE, table)
    text = render_markdown(table, stored.author.language)
    write_text(folder / CHECKLIST_TEXT_FILE, text)
    methods = write_methods(stored)
    write_text(folder / METHODS_FILE, methods.plain)
    write_text(folder / REFERENCES_FILE, methods.bibtex)


def locate_tables(study: Study) -> PageSources:
    """Locate the tables of a page, and describe what stands at its foot."""
    return PageSources(open_stored(study), _describe_foot(study))


def open_stored(study: Study) -> StoredStudy:
    """Open a finished study as its folders hold it, with the words of its author."""
    settings = study.settings
    return StoredStudy(
        evaluation=study.folder("evaluation"),
        summary=study.folder("summary"),
        shift=study.folder("shift"),
        cohorts={c: study.folder("cohorts", c) for c in settings.used_cohorts},
        roles=_name_roles(settings),
        card=read_encoder_card(study.encoder_folder),
        author=settings.report,
        pretraining=study.encoder_folder,
        title=settings.name,
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
