"""Pages of studies: what they found, what runs, who was recorded."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from neurograft.app.patient.patient_pages import PAGE_POLICY, check_form
from neurograft.app.rendering import fill_page, go_to, refuse
from neurograft.app.study.runs import Runs
from neurograft.app.study.studies import ShownStudy, list_studies
from neurograft.errors import ConfigError, DataError
from neurograft.report.parts import read_part

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
TABLES = {"people": "People", "recordings": "Recordings"}
# How columns are called on the page.
TITLES = {
    "participant_id": "person", "usable_s": "usable, s", "duration_s": "recorded, s",
    "n_channels": "electrodes", "sfreq_hz": "samples per second", "task": "condition",
}  # fmt: skip
# Chosen here: more rows than a screen can show.
MAX_ROWS = 2000


@dataclass(frozen=True)
class StudyPages:
    """Pages that show studies.

    Attributes:
        root: Folder that the user named.
        runs: Processes that were started here.
    """

    root: Path
    runs: Runs

    async def show_all(self, request: Request) -> Response:
        """Show all studies, or offer the demo where there is none."""
        return fill_page(request, "studies.html", **self._look())

    async def show_all_state(self, request: Request) -> Response:
        """Show the part of that page that changes."""
        return fill_page(request, "_studies.html", **self._look())

    def _look(self) -> dict[str, Any]:
        studies = list_studies(self.root)
        return {
            "studies": studies,
            "runs": self.runs,
            "root": self.root,
            "is_any_running": self.runs.is_demo_running
            or any(study.holder for study in studies),
        }

    def _find(self, request: Request) -> ShownStudy:
        for study in list_studies(self.root):
            if study.key == request.path_params["key"]:
                return study
        raise DataError("There is no such study in the folder any more.")

    async def show(self, request: Request) -> Response:
        """Show a study."""
        study = self._find(request)
        return fill_page(
            request, "study.html", study=study, runs=self.runs, tables=TABLES
        )

    async def show_state(self, request: Request) -> Response:
        """Show the part of that page that changes."""
        study = self._find(request)
        return fill_page(request, "_study.html", study=study, runs=self.runs)

    async def show_page(self, request: Request) -> Response:
        """Show the report, or the page of a person in it."""
        study = self._find(request)
        # Only what a listing of the results holds: no path is taken from the address.
        page = study.list_pages().get(request.path_params["page"])
        if page is None:
            raise DataError("There is no such page in the results of the study.")
        html = page.read_text(encoding="utf-8")
        policy = f"{PAGE_POLICY}; script-src {_allow_script(html)}"
        return HTMLResponse(html, headers={"content-security-policy": policy})

    async def show_table(self, request: Request) -> Response:
        """Show people or recordings, sorted by a column."""
        study, what = self._find(request), request.path_params["table"]
        if what not in TABLES:
            raise DataError("There is no such table.")
        people = what == "people"
        table = study.tabulate_people() if people else study.tabulate_recordings()
        by, is_down = request.query_params.get("by", ""), "down" in request.query_params
        if by in table.columns:
            table = table.sort_values(by, ascending=not is_down, kind="stable")
        return fill_page(
            request,
            "table.html",
            study=study,
            what=what,
            title=TABLES[what],
            columns={str(name): TITLES.get(str(name), str(name)) for name in table},
            by=by,
            is_down=is_down,
            n_rows=len(table),
            rows=list(map(_write_row, table.head(MAX_ROWS).itertuples(index=False))),
        )

    async def check(self, request: Request) -> Response:
        """Ask `check` about the study file."""
        await check_form(request)
        study = self._find(request)
        await self.runs.check(study)
        return go_to(request, f"/studies/{study.key}")

    async def start(self, request: Request) -> Response:
        """Start a study, or go on with it."""
        await check_form(request)
        study = self._find(request)
        self.runs.start(study)
        return go_to(request, f"/studies/{study.key}")

    async def stop(self, request: Request) -> Response:
        """Stop the run of a study."""
        await check_form(request)
        study = self._find(request)
        self.runs.stop(study)
        return go_to(request, f"/studies/{study.key}")

    async def start_demo(self, request: Request) -> Response:
        """Run the demo."""
        await check_form(request)
        try:
            self.runs.start_demo(self.root)
        except ConfigError as error:
            return refuse(request, str(error), 409)
        return go_to(request, "/studies")


def _allow_script(html: str) -> str:
    """Return the digest of a report's script, if it is the one that we write."""
    found = SCRIPT.findall(html)
    if len(found) != 1 or str(read_part("script.js")) not in found[0]:
        return "'none'"
    digest = hashlib.sha256(found[0].encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _write_row(row: tuple[object, ...]) -> list[str]:
    """Write the cells of a row."""
    return [_write_cell(value) for value in row]


def _write_cell(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:g}"
    return "" if value is None or value is pd.NA else str(value)
