"""A process that keeps one predictor loaded and answers what comes, line by line.

    python -m neurograft.app.patient.model_process FOLDER

Requests and answers are lines of JSON. The server starts it; a recording that ends a
reader ends a child of this process, and what ends this process ends one answer.
"""

import json
import os
import sys
from pathlib import Path
from typing import IO, Any

from neurograft.errors import PackageError
from neurograft.harmonising.processes import warm_up
from neurograft.prediction.asked import Asked, Stated, find_asked
from neurograft.prediction.asking import ask, write_predictions
from neurograft.prediction.bundle import read_predictor
from neurograft.prediction.person.new_people import Describer
from neurograft.prediction.person.prediction import Prediction
from neurograft.prediction.person.sentences import say_answer

ONE_PERSON = "person-01"


def answer_request(describer: Describer, request: dict[str, Any], out: IO[str]) -> None:
    """Answer one request, in lines: progress, and at the end people or an error.

    Args:
        describer: Of the predictor.
        request: `recordings`, `answers` (a folder), and the facts of the person.
        out: Where lines go.
    """

    def show(message: str, done: int, total: int) -> None:
        send_line({"progress": [message, done, total]}, out)

    folder = Path(request["answers"])
    try:
        asked = _find(request)
        folder.mkdir(exist_ok=True)
        found = ask(
            describer,
            asked,
            scratch=folder,
            prevalence=request["prevalence"],
            is_explained=request["is_explained"],
            n_jobs=os.cpu_count() or 1,
            progress=show,
        )
        pages = write_predictions(folder, found, language=request["language"])
    except (PackageError, OSError) as error:
        sentence = error.strerror if isinstance(error, OSError) else str(error)
        send_line({"error": f"{sentence}"}, out)
        return
    people = [_tell(one, page, asked) for one, page in zip(found, pages, strict=True)]
    send_line({"people": people}, out)


def _find(request: dict[str, Any]) -> Asked:
    """Find the people of a request: one with facts, or one per recording."""
    paths = [Path(path) for path in request["recordings"]]
    stated = Stated(condition=request["condition"])
    if request["is_one_person"]:
        label = request["label"] or ONE_PERSON
        stated = stated._replace(label=label, age=request["age"], sex=request["sex"])
    return find_asked(paths, stated=stated)


def _tell(one: Prediction, page: Path, asked: Asked) -> dict[str, Any]:
    return {
        "label": one.participant_id,
        "file": asked.names.get(one.participant_id, ""),
        "is_refused": one.is_refused,
        "answer": say_answer(one).say(),
        "cautions": [told.say() for told in one.warnings],
        "page": page.name,
    }


def send_line(told: dict[str, Any], out: IO[str]) -> None:
    """Write a line."""
    out.write(json.dumps(told) + "\n")
    out.flush()


def keep_answering() -> None:
    """Load the predictor, say that it is there, and answer until nobody asks more."""
    # What libraries print must not come between the lines of answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warm_up()
    try:
        describer = Describer(read_predictor(Path(sys.argv[1])))
    except (PackageError, OSError) as error:
        send_line({"error": str(error)}, out)
        return
    send_line({"ready": True}, out)
    for line in sys.stdin:
        answer_request(describer, json.loads(line), out)


if __name__ == "__main__":
    keep_answering()
