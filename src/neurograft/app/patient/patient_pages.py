"""Pages of a patient: send recordings, watch, read the answer, delete it."""

import asyncio
import re
import secrets
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from neurograft.app.patient.archives import has_room
from neurograft.app.patient.incoming import sort_files
from neurograft.app.patient.models import LoadedModels
from neurograft.app.patient.questions import (
    TABLES,
    AskedFacts,
    PatientQuestion,
    make_key,
)
from neurograft.app.patient.uploads import (
    ReceivedForm,
    TooLargeError,
    receive_form,
    say_too_large,
)
from neurograft.app.rendering import (
    fill_page,
    find_question,
    get_session,
    go_to,
    refuse,
)
from neurograft.app.sessions import Session
from neurograft.app.study.studies import ShownModel, list_models, list_studies
from neurograft.errors import ConfigError, DataError

LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
MAX_AGE = 120
# A page of a person is self-contained: its own style, drawings, nothing from elsewhere.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class NoFormTokenError(DataError):
    """A form came without the token of the visit."""


@dataclass(frozen=True)
class PatientPages:
    """Pages that ask a predictor about recordings.

    Attributes:
        root: Folder that the user named.
        models: Predictors that stay loaded.
        limit: Bytes that are taken at once.
        tasks: Answers that are on their way.
    """

    root: Path
    models: LoadedModels
    limit: int
    tasks: set["asyncio.Task[None]"]

    async def show_form(self, request: Request) -> Response:
        """Show the form, or how to begin where there is no predictor."""
        studies = list_studies(self.root)
        models = list_models(self.root, studies)
        name = "patient.html" if models else "no_model.html"
        questions = list(get_session(request).questions.values())
        for model in [model for model in models if model.card][:1]:
            self._begin(self.models.warm_up(model.folder))
        return fill_page(
            request,
            name,
            models=models,
            studies=studies,
            limit=self.limit,
            conditions=_list_conditions(models),
            questions=questions[::-1],
            root=self.root,
        )

    async def ask(self, request: Request) -> Response:
        """Receive recordings, and ask a predictor about them."""
        session = get_session(request)
        sent = request.headers.get("content-length", "")
        n_bytes = int(sent) if sent.isdigit() else 0
        if n_bytes > self.limit:
            return refuse(request, say_too_large(self.limit), 413)
        if not has_room(session.folder, 2 * n_bytes):
            return refuse(request, "The disk of the server is too full.", 507)
        folder = session.folder / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        question = PatientQuestion(make_key(), folder, Path(), AskedFacts())
        with ExitStack() as undo:
            undo.callback(question.delete)
            try:
                form = await self._receive(request, session, folder)
                await asyncio.to_thread(self._fill, question, form)
            except ClientDisconnect:
                return Response(status_code=400)
            except (DataError, ConfigError, OSError) as error:
                return refuse(request, _say(error), _choose_status(error))
            undo.pop_all()
        session.questions[question.key] = question
        self._begin(self.models.ask(question))
        return go_to(request, f"/patients/{question.key}")

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on beside the pages."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _receive(
        self, request: Request, session: Session, folder: Path
    ) -> ReceivedForm:
        """Receive the form; what is wrong with it is said before the files come."""
        incoming = folder / "incoming"
        incoming.mkdir()

        def check(fields: dict[str, str]) -> None:
            check_token(fields, session)
            self._read_model(fields)
            read_patient_facts(fields)

        return await receive_form(
            request.stream(),
            request.headers.get("content-type", ""),
            incoming,
            limit=self.limit,
            check=check,
        )

    def _fill(self, question: PatientQuestion, form: ReceivedForm) -> None:
        """Complete a question by what the form said.

        Raises:
            DataError: If no file is a recording, or a zip would burst.
            ConfigError: If what is stated contradicts itself.
        """
        model = self._read_model(form.fields)
        question.model, question.facts = model.folder, read_patient_facts(form.fields)
        recordings = question.folder / "recordings"
        recordings.mkdir()
        found = sort_files(form.files, recordings, limit=self.limit)
        question.recordings, question.names = found.recordings, found.names
        question.unused = found.unused

    def _read_model(self, fields: dict[str, str]) -> ShownModel:
        wanted = fields.get("model", "")
        for model in list_models(self.root, list_studies(self.root)):
            if model.key == wanted:
                if model.card is None:
                    raise DataError(model.problem)
                if fields.get("prevalence") and len(model.card.classes) != 2:
                    raise ConfigError(
                        "How common a group is, is asked for models of two groups "
                        "only; leave that field empty."
                    )
                return model
        raise ConfigError("Choose one of the models.")

    async def show(self, request: Request) -> Response:
        """Show how far an answer is, and the answer."""
        question = find_question(request)
        return fill_page(request, "question.html", question=question, tables=TABLES)

    async def show_state(self, request: Request) -> Response:
        """Show the part of that page that changes."""
        question = find_question(request)
        return fill_page(request, "_question.html", question=question, tables=TABLES)

    async def show_person(self, request: Request) -> Response:
        """Show the page of a person, or let it be downloaded."""
        question = find_question(request)
        page = question.find_page(request.path_params["number"])
        if page is None or not page.is_file():
            raise DataError("There is no such page; it was deleted.")
        headers = {"content-security-policy": PAGE_POLICY}
        if "download" in request.query_params:
            return FileResponse(page, filename=page.name, headers=headers)
        return FileResponse(page, media_type="text/html", headers=headers)

    async def show_table(self, request: Request) -> Response:
        """Let a table be downloaded."""
        question, name = find_question(request), request.path_params["name"]
        if name not in TABLES or not (question.answers / name).is_file():
            raise DataError("There is no such table; it was deleted.")
        return FileResponse(question.answers / name, filename=name)

    async def delete(self, request: Request) -> Response:
        """Delete recordings and answers of a question."""
        question = find_question(request)
        await check_form(request)
        get_session(request).questions.pop(question.key)
        question.delete()
        return go_to(request, "/")


def _list_conditions(models: list[ShownModel]) -> list[str]:
    """List the conditions that models learned from."""
    cards = [model.card for model in models if model.card]
    return sorted({name for card in cards for name in card.taken.conditions})


def check_token(fields: dict[str, str], session: Session) -> None:
    """Check that a form is one of this visit.

    Raises:
        NoFormTokenError: If not.
    """
    told = fields.get("token", "").encode()
    if not secrets.compare_digest(told, session.form_token.encode()):
        raise NoFormTokenError("This form is not one of this visit; load it again.")


async def check_form(request: Request) -> dict[str, str]:
    """Read a small form, and check that it is one of this visit.

    Raises:
        NoFormTokenError: If not.
    """
    async with request.form(max_files=0, max_fields=10) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    check_token(fields, get_session(request))
    return fields


def read_patient_facts(fields: dict[str, str]) -> AskedFacts:
    """Read what is stated of the person.

    Raises:
        ConfigError: If it cannot be.
    """
    is_one = fields.get("people", "one") != "each"
    age = _read_number(fields, "age", "Age", MAX_AGE)
    sex, label = fields.get("sex", ""), fields.get("label", "").strip()
    if sex not in ("", "F", "M"):
        raise ConfigError("The sex is female, male or left open.")
    if label and not LABEL.fullmatch(label):
        raise ConfigError(
            "A code has at most 40 digits, - or _ and letters that have no accents; "
            "take the code of the patient, never a name."
        )
    if not is_one and (age is not None or sex or label):
        raise ConfigError(
            "Code, age and sex are of one person; leave them empty where every "
            "recording is of another one."
        )
    share = _read_number(fields, "prevalence", "The share of the second group", 100)
    if share is not None and not 0 < share < 100:
        raise ConfigError(
            "The share of the second group lies between 0 and 100 %, not at "
            f"{share:g} %."
        )
    return AskedFacts(
        label=label,
        age=age,
        sex=sex,
        condition=_read_condition(fields),
        prevalence=None if share is None else share / 100,
        language="de" if fields.get("language") == "de" else "en",
        is_explained=fields.get("explain") == "on",
        is_one_person=is_one,
    )


def _read_condition(fields: dict[str, str]) -> str:
    condition = fields.get("condition", "").strip()
    if condition and not LABEL.fullmatch(condition):
        raise ConfigError("Choose the condition from the list, or leave it open.")
    return condition


def _read_number(
    fields: dict[str, str], name: str, title: str, largest: float
) -> float | None:
    text = fields.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    with suppress(ValueError):
        if 0 <= float(text) <= largest:
            return float(text)
    raise ConfigError(
        f"{title} is a number from 0 to {largest:g}; found {text[:20]!r}."
    )


def _say(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"The files cannot be kept: {str(error.strerror).lower()}."
    return str(error)


def _choose_status(error: Exception) -> int:
    if isinstance(error, TooLargeError):
        return 413
    if isinstance(error, NoFormTokenError):
        return 403
    return 507 if isinstance(error, OSError) else 422
