"""A folder with a model, and browsers without a window that visit its page."""

import sys

import pytest
from starlette.testclient import TestClient

from neurograft.app.application import AppSettings, build_app
from neurograft.app.patient import models
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.files.cards import seal_card
from neurograft.files.writing import write_json
from neurograft.prediction.card import (
    BUNDLE_VERSION,
    ChosenMethod,
    LearnedFrom,
    PredictorCard,
    Taken,
)

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"
# Speaks like the process of a model: it answers with the bytes that were sent, fails at
# "fail", ends at "crash", and never comes to an end at "sleep".
STAND_IN = """
import json, sys, time
from pathlib import Path
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    sent = Path(asked["recordings"][0]).read_bytes()
    print(json.dumps({"progress": ["harmonising recordings", 0, 1]}), flush=True)
    if sent == b"crash":
        sys.exit(1)
    if sent == b"sleep":
        time.sleep(60)
    if sent == b"fail":
        print(json.dumps({"error": "That is no EEG."}), flush=True)
        continue
    folder = Path(asked["answers"])
    folder.mkdir()
    label = asked["label"] or "person-01"
    (folder / (label + ".html")).write_text("<p>" + sent.decode() + "</p>")
    (folder / "predictions.tsv").write_text("answer")
    (folder / "recordings.tsv").write_text(line)
    person = {"label": label, "file": "", "is_refused": False, "answer": "It is so.",
              "cautions": ["Beware."], "page": label + ".html"}
    print(json.dumps({"people": [person]}), flush=True)
"""


def make_card(**changes):
    """Make the card of a predictor of two groups."""
    whole = {
        "version": BUNDLE_VERSION,
        "study": "Pain",
        "task": "disease",
        "kind": "classification",
        "classes": ("control", "patient"),
        "target": "",
        "column": "group",
        "method": ChosenMethod(
            name="encoder", why="best", metric="AUROC", value=0.8, ci_low=0.7,
            ci_high=0.9, n_methods=3, is_shown=True, code="NG504", values={},
        ),
        "taken": Taken(
            harmonise=HarmoniseConfig(), reading={}, has_microvolts=True,
            window_s=10.0, n_windows=6, bids_tasks=(), conditions=("rest",),
            channels=("Cz",),
        ),
        "people": LearnedFrom(
            n=40, groups={"control": 20, "patient": 20}, youngest=20.0, oldest=70.0,
            ages=None, sexes={"F": 22, "M": 18}, n_sites=1, devices=((10, 500.0),),
            references=("Cz",), seen={},
        ),
        "answers": {}, "coverage": {}, "intended_use": "", "owner": "", "contact": "",
        "software": {}, "made_on": "", "could_be_inferred": "",
    }  # fmt: skip
    return PredictorCard(**whole | changes)


def write_card(folder, **changes):
    """Write the card of a predictor, without its numbers."""
    card = make_card(**changes).model_dump(mode="json")
    content = seal_card({"card": card, "parts": [], "sha256": {}})
    folder.mkdir(parents=True)
    write_json(folder / "predictor.json", content)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with one model, whose process is a stand-in."""
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    monkeypatch.setattr(models, "COMMAND", (sys.executable, "-S", str(script)))
    folder = tmp_path / "root"
    write_card(folder / "model")
    return folder


class Server:
    """A server, its links, and browsers that visit it."""

    def __init__(self, root, limit=2**20):
        self.links = []
        self.settings = AppSettings(root, PORT, limit, self.links.append)
        self.app, self.sessions, self.runs = build_app(
            self.settings, root / ".neurograft-app"
        )
        self.first = TestClient(self.app, base_url=ORIGIN)

    def enter(self, client):
        """Open the link that works now, and return its browser."""
        link = self.settings.make_link(self.sessions.entry_token)
        assert client.get(link).status_code == 200
        return client

    @property
    def session(self):
        """The visit of the first browser."""
        return next(iter(self.sessions._open.values()))

    def post(self, client, place, *, session=None, **told):
        """Send a form as the page does."""
        token = (session or self.session).form_token
        data = {"token": token, **told.pop("data", {})}
        headers = {"origin": ORIGIN, **told.pop("headers", {})}
        return client.post(
            place, data=data, headers=headers, follow_redirects=False, **told
        )


@pytest.fixture
def server(root):
    """A server that runs, with a first browser that has entered."""
    made = Server(root)
    with made.first:
        made.enter(made.first)
        yield made
    for process in made.runs._started.values():
        process.kill()
        process.wait()
