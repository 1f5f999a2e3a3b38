"""The report stage: tables in, one page out."""

from neurograft.config.study import StudyConfig
from neurograft.files.stage import Stage, read_fingerprint
from neurograft.files.writing import write_text
from neurograft.report.page import build_page

REPORT_FILE = "report.html"


def describe_report(study: StudyConfig) -> Stage:
    """The stage: the fingerprints of everything shown."""
    root = study.output_folder
    folders = [
        root / "evaluation",
        root / "shift",
        root / "pretraining" / study.pretraining.name,
    ]
    folders += [root / "cohorts" / cohort for cohort in study.used_cohorts]
    inputs = {str(f.relative_to(root)): str(read_fingerprint(f)) for f in folders}
    return Stage(root / "report", {"title": study.name}, inputs)


def run_report(study: StudyConfig) -> None:
    """Write `report.html`, and its figures as files in `report/`.

    Raises:
        DataError: If a table is missing.
    """
    stage = describe_report(study)
    stage.begin()
    figures: dict[str, str] = {}
    page = build_page(study, figures)
    for name, svg in figures.items():
        write_text(stage.folder / f"{name}.svg", svg + "\n")
    write_text(study.output_folder / REPORT_FILE, page)
    stage.finish()
