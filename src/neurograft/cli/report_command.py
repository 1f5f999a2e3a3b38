"""The command that writes the report, opens it, and prints it as PDF."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from neurograft.cli.options import DEFAULTS, Options
from neurograft.cli.study_commands import run_stage


def write_report(
    study: Path,
    /,
    *,
    options: Options = DEFAULTS,
    open_page: Annotated[
        bool, Parameter(name="--open", negative="", show_default=False)
    ] = False,
    pdf: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Write the report from the tables.

    For example: `neurograft report study.toml --open`.

    Args:
        study: The study file.
        options: Options of every command that takes a study.
        open_page: Open the report in the browser.
        pdf: Write `report.pdf` beside it, through a browser that is installed.
    """
    import webbrowser

    from neurograft.config.study import read_study
    from neurograft.files.browser import print_page
    from neurograft.study.stages.report import REPORT_FILE

    run_stage("report", study, options)
    page = read_study(study, options.set).output_folder / REPORT_FILE
    if pdf:
        print(f"PDF: {print_page(page)}")
    if open_page:
        webbrowser.open(page.resolve().as_uri())
