"""Predictors that stay loaded, each in one process, however many ask it at once."""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any

from neurograft.app.patient.questions import PatientQuestion
from neurograft.errors import DataError
from neurograft.prediction.card_file import CARD_FILE

# Chosen here: a predictor with its libraries takes about half a GiB.
MAX_LOADED = 2
COMMAND = (sys.executable, "-m", "neurograft.app.patient.model_process")
# A line of an answer holds the sentences of all its people.
MAX_LINE_BYTES = 2**24
DIED = (
    "The process that answers ended before its answer; try once more. If it happens "
    "again, the computer may lack memory."
)


class LoadedModel:
    """A process that holds one predictor; who asks while it answers waits.

    Args:
        folder: Of the predictor.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.turn = asyncio.Lock()
        self.last_used = time.monotonic()
        self._process: Process | None = None
        self._written = 0.0

    @property
    def is_loaded(self) -> bool:
        """Return whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def load(self) -> None:
        """Start the process, unless it runs with the predictor that is there now.

        Raises:
            DataError: If the predictor cannot be read.
        """
        written = _get_time(self.folder / CARD_FILE)
        if self.is_loaded and written == self._written:
            return
        await self.close()
        self._written = written
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND,
            str(self.folder),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=MAX_LINE_BYTES,
            env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},
            start_new_session=True,
        )
        told = await self._read()
        if "ready" not in told:
            await self.close()
            raise DataError(str(told.get("error", DIED)))

    async def ask(self, question: PatientQuestion) -> None:
        """Answer a question, when its turn comes; what happens stands in it."""
        async with self.turn:
            if question.is_deleted:
                return
            question.state, question.progress = "working", ("opening the model", 0, 1)
            self.last_used = time.monotonic()
            try:
                await self.load()
                await self._answer(question)
            except (DataError, OSError) as error:
                question.state, question.error = "failed", str(error)
            finally:
                self.last_used = time.monotonic()
                if question.is_deleted:
                    question.delete()

    async def _answer(self, question: PatientQuestion) -> None:
        """Pass a question on, and take in what is told until the end."""
        assert self._process is not None
        assert self._process.stdin is not None
        facts = question.facts
        request = {
            "recordings": [str(path) for path in question.recordings],
            "answers": str(question.answers),
            "label": facts.label,
            "age": facts.age,
            "sex": facts.sex,
            "condition": facts.condition,
            "prevalence": facts.prevalence,
            "language": facts.language,
            "is_explained": facts.is_explained,
            "is_one_person": facts.is_one_person,
        }
        self._process.stdin.write((json.dumps(request) + "\n").encode())
        await self._process.stdin.drain()
        while True:
            told = await self._read()
            if "progress" in told:
                message, done, total = told["progress"]
                question.progress = (str(message), int(done), int(total))
            elif "people" in told:
                question.people, question.state = list(told["people"]), "answered"
                return
            else:
                question.state = "failed"
                question.error = str(told.get("error", DIED))
                if not told:
                    await self.close()
                return

    async def _read(self) -> dict[str, Any]:
        """Read a line; nothing if the process has ended."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return dict(json.loads(line)) if line.endswith(b"\n") else {}

    async def close(self) -> None:
        """End the process, also in the middle of an answer."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._process = None


class LoadedModels:
    """All predictors that are loaded, at most `MAX_LOADED` at a time."""

    def __init__(self) -> None:
        self._models: dict[Path, LoadedModel] = {}

    async def ask(self, question: PatientQuestion) -> None:
        """Answer a question by its model, loaded at need."""
        await (await self._find(question.model)).ask(question)

    async def warm_up(self, folder: Path) -> None:
        """Load a model that is likely to be asked, while its user fills in the form."""
        model = await self._find(folder)
        if not model.turn.locked():
            async with model.turn:
                with suppress(DataError, OSError):
                    await model.load()

    async def _find(self, folder: Path) -> LoadedModel:
        model = self._models.setdefault(folder, LoadedModel(folder))
        if not model.is_loaded:
            await self._make_room()
        return model

    async def _make_room(self) -> None:
        """Close the model that has been idle longest, if there are too many."""
        loaded = [one for one in self._models.values() if one.is_loaded]
        idle = [one for one in loaded if not one.turn.locked()]
        if len(loaded) >= MAX_LOADED and idle:
            await min(idle, key=lambda one: one.last_used).close()

    async def close(self) -> None:
        """End all processes."""
        for model in self._models.values():
            await model.close()


def _get_time(path: Path) -> float:
    """Return when a file was written; 0 if it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
