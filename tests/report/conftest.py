"""A small finished study in folders, whose parts a test can take away."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import tomli_w

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.report import ReportConfig
from neurograft.config.shift import ShiftConfig
from neurograft.files.sentences import code_verdict
from neurograft.files.tables import write_table
from neurograft.report.documents.stored_study import StoredStudy

CARD = {
    "cohorts": ["public"],
    "objective": "mae (log-spectrum, random masks)",
    "settings": {"size": "tiny"},
    "input": {"sfreq": 128.0, "l_freq": 0.5, "h_freq": 45.0, "window_s": 10},
    "n_subjects": 54,
    "n_watched": 6,
    "hours": 1.8,
    "steps": 150,
    "warnings": [],
    "licences": {},
    "sha256": "0" * 64,
    "not_for": ["the diagnosis of a person"],
}
SOFTWARE = {
    "neurograft": "0.1", "mne": "1.11", "numpy": "2.1", "scikit-learn": "1.6",
    "torch": "2.6",
}  # fmt: skip


VERDICT = {
    "task": "disease",
    **code_verdict("evidence", "no evidence", "NG111", groups="the groups", power="",
                   best={"code": "NG191", "method": "encoder", "metric": "AUROC",
                         "value": 0.7, "unit": "", "ci_low": 0.6, "ci_high": 0.8,
                         "n": 9, "p_permutation": 0.2, "p_holm": 0.4}),
}  # fmt: skip


GAIN = {
    "task": "disease",
    **code_verdict("pretraining", "no evidence", "NG204",
                   gain={"code": "NG292", "method": "encoder", "n": 9, "unit": "",
                         "twin": "the same encoder untrained", "difference": -0.05,
                         "ci_low": -0.1, "ci_high": 0.02, "p_corrected": 0.3}),
}  # fmt: skip
COMPARISONS = pd.DataFrame(
    {
        "task": "disease",
        "method": "encoder",
        "reference": ["riemann", "random-encoder"],
        "question": ["best baseline", "pretraining"],
        "metric": "AUROC",
        "difference": [-0.11, -0.05],
        "ci_low": [-0.21, -0.1],
        "ci_high": [0.01, 0.02],
        "p_corrected": [0.2, 0.3],
        "p_equivalence": 0.5,
    }
)
DESIGN = {
    "task": "disease", "factor": "sfreq_hz", "measure": "Cramer's V", "value": 0.42,
    "p": 0.0001, "severity": "warning", "within": 0.61, "within_low": 0.5,
    "within_high": 0.72, "n_pairs": 12,
}  # fmt: skip
SUBGROUP = {
    "task": "disease", "method": "encoder", "factor": "sex", "level": "F", "n": 5,
    "is_few": True, "value": 0.66, "ci_low": 0.5, "ci_high": 0.8, "metric": "AUROC",
    "is_worst": False,
}  # fmt: skip
PROBE = {
    "where": "clinic", "representation": "embedding", "factor": "age", "measure": "R2",
    "value": 0.37, "ci_low": 0.2, "ci_high": 0.5,
}  # fmt: skip
COVARIATE = {
    "source": "public", "target": "clinic", "factor": "line_freq_hz",
    "in_source": "60 Hz", "in_target": "50 Hz", "smd": np.nan, "overlap": np.nan,
    "size": 1.0, "p_bh": 0.0001,
}  # fmt: skip
DISTANCE = {
    "source": "public", "target": "clinic", "representation": "embedding",
    "measure": "MMD2", "value": 0.27, "ci_low": np.nan, "ci_high": np.nan,
}  # fmt: skip


def make_recordings(cohort, n):
    return pd.DataFrame(
        {
            "participant_id": [f"sub-{i:02d}" for i in range(n)],
            "task": "rest",
            "status": ["dropped", "repaired", *["kept"] * (n - 2)],
            "reason": ["5.0 s long, at least 20 s are needed", *[None] * (n - 1)],
            "age": np.linspace(20, 60, n),
            "sex": ["F", "M"] * (n // 2),
            "session": None,
            "run": None,
            "acquisition": None,
            "duration_s": 120.0,
            "usable_s": [np.nan, 90.0, *[115.0] * (n - 2)],
            "n_channels": 19.0,
            "sfreq_hz": 256.0,
            "reference": "Cz",
            "line_freq_hz": 50.0,
            "bads": [
                None,
                "T7 (too loud, z 7.8), T8 (noisy)",
                *[None] * (n - 2),
            ],
            "repairs": None,
            "notes": None,
        }
    )


def make_results(metrics, methods):
    rows = [
        ("disease", method, metric, 0.7, 0.6, 0.8, 9, 0.01, 0.02)
        for method in methods
        for metric in metrics
    ]
    columns = ["task", "method", "metric", "value", "ci_low", "ci_high", "n_subjects",
               "p_permutation", "p_holm"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def make_tables():
    subjects = make_recordings("clinic", 10)[["participant_id", "age", "sex"]].assign(
        task="disease", cohort="clinic", site=None, is_reference=True,
        group=["patient", "patient", *["control", "patient"] * 4],
        label=[np.nan, 1.0, *[0.0, 1.0] * 4],
        left_out=["no usable recording", *[None] * 9],
    )  # fmt: skip
    task = {
        "task": "disease", "kind": "classification", "cohort": "clinic",
        "classes": "control, patient", "n_subjects": 9, "n_left_out": 1,
        "transductive": False, "leak_check": "No match was found.", "n_windows": 12,
    }  # fmt: skip
    row = {"task": "disease", "method": "encoder"}
    methods = ("dummy", "demographics", "riemann", "random-encoder", "encoder")
    metrics = ("AUROC", "balanced accuracy", "calibration slope", "Brier score")
    return {
        "evaluation": {
            "subjects": subjects,
            "tasks": pd.DataFrame([task]),
            "predictions": pd.DataFrame([row | {"score": 0.5, "decision": 0.0}]),
            "folds": pd.DataFrame([row | {"repeat": 0, "split": 0}]),
        },
        "summary": {
            "results": make_results(metrics, methods),
            "comparisons": COMPARISONS,
            "verdicts": pd.DataFrame([VERDICT, GAIN]),
            "design": pd.DataFrame([DESIGN]),
            "subgroups": pd.DataFrame([SUBGROUP]),
        },
        "shift": {
            "probes": pd.DataFrame([PROBE]),
            "covariates": pd.DataFrame([COVARIATE]),
            "shift": pd.DataFrame([DISTANCE]),
        },
    }


@pytest.fixture
def stored(tmp_path):
    """A study with groups, an encoder of its own and one cohort of patients."""
    settings = {
        "evaluation": {
            "seed": 3, "evaluation": EvaluationConfig().model_dump(mode="json"),
        },
        "summary": {"n_bootstraps": 2000, "equivalence_margin": 0.05},
        "shift": {"shift": ShiftConfig().model_dump(mode="json")},
    }  # fmt: skip
    for name, tables in make_tables().items():
        (tmp_path / name).mkdir()
        for table, content in tables.items():
            write_table(tmp_path / name / f"{table}.tsv", content)
        (tmp_path / name / "settings.toml").write_text(tomli_w.dumps(settings[name]))
    mark = json.dumps({"software": SOFTWARE})
    (tmp_path / "evaluation" / "provenance.json").write_text(mark)
    told = {"cohort": {"table": "participants.tsv", "condition": "", "card": ""}}
    told["harmonise"] = HarmoniseConfig().model_dump(mode="json")
    cohorts = {"clinic": 10, "public": 60}
    for cohort, n in cohorts.items():
        folder = tmp_path / "cohorts" / cohort
        folder.mkdir(parents=True)
        write_table(folder / "recordings.tsv", make_recordings(cohort, n))
        cuts = {
            "name": "sub-01_task-rest", "start_s": [0.0, 115.0],
            "verdict": ["kept", "dropped"], "duration_s": [115.0, 5.0],
            "measure": [None, "constant channels"],
        }  # fmt: skip
        write_table(folder / "windows.tsv", pd.DataFrame(cuts))
        (folder / "settings.toml").write_text(tomli_w.dumps(told))
    return StoredStudy(
        tmp_path / "evaluation",
        tmp_path / "summary",
        tmp_path / "shift",
        {cohort: tmp_path / "cohorts" / cohort for cohort in cohorts},
        {"clinic": "tasks", "public": "pretraining"},
        CARD,
        title="Pain",
    )


@pytest.fixture
def tell(stored):
    """The same study, opened anew, with words of its author."""

    def open_again(**words):
        return replace(stored, author=ReportConfig(**words), _opened={})

    return open_again


@pytest.fixture
def change(stored):
    """Change a table on disk, or remove it, and open the study anew."""

    def change_table(folder, name, content=None):
        path = getattr(stored, folder) / f"{name}.tsv"
        if content is None:
            path.unlink()
        else:
            write_table(path, content)
        return replace(stored, _opened={})

    return change_table


@pytest.fixture(scope="session")
def losses_of():
    """Make the losses of a task: theta is found, a region is not."""

    def make(task, *, is_found=True):
        rows = [
            (method, kind, part, loss, 0.03 if loss > 0.1 and is_found else -0.03)
            for method, most in (("random-encoder", 0.05), ("encoder", 0.16))
            for kind, part, loss in (
                ("band", "theta", most),
                ("region", "frontal", 0.02),
            )
        ]
        columns = ["method", "kind", "part", "loss", "family_low"]
        return pd.DataFrame(rows, columns=columns).assign(
            task=task, metric="AUROC", n=9, intact=0.7, occluded=0.6, ci_low=0.05,
            ci_high=0.25, family_high=0.3,
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def texts():
    """Read the texts of an SVG, in their order."""

    def read(svg: str) -> list[str]:
        found = re.findall(r"<text[^>]*>(?:<tspan[^>]*>)?([^<]+)", svg)
        return [text.replace("\u2212", "-").strip() for text in found]

    return read


@pytest.fixture(scope="session")
def find_line():
    """Find the line between two points of an axes."""

    def find(axes, start, stop):
        for line in axes.lines:
            points = np.column_stack(
                [np.asarray(line.get_data()[i], float) for i in (0, 1)]
            )
            if points.shape == (2, 2) and np.allclose(points, [start, stop]):
                return line
        raise AssertionError(f"no line from {start} to {stop}")

    return find


@pytest.fixture(scope="session")
def list_marks():
    """List the marks of an SVG: shape and centre."""

    def find(root, shape=""):
        found = []
        for element in root.iter():
            named = element.get("data-mark")
            if named and shape in ("", named):
                place = (
                    (element.get("cx"), element.get("cy"))
                    if named == "circle"
                    else re.match(r"M([-\d.]+),([-\d.]+)", element.get("d")).groups()
                )
                found.append((named, *map(float, place)))
        return found

    return find


@pytest.fixture(scope="session")
def check_chart(read_svg):
    """Check that texts of an SVG neither leave it nor lie on each other."""

    def check(svg):
        root = read_svg(svg)
        width, height = map(float, root.get("viewBox").split()[2:])
        space = "{http://www.w3.org/2000/svg}"
        boxes = [(text.text, *find_box(text)) for text in root.iter(f"{space}text")]
        for words, left, top, right, bottom in boxes:
            assert left >= -0.5, words
            assert right <= width + 0.5, words
            assert top >= 0, words
            assert bottom <= height, words
        for place, (words, left, top, right, bottom) in enumerate(boxes):
            for other, *(a, b, c, d) in boxes[place + 1 :]:
                apart = right <= a or c <= left or bottom <= b or d <= top
                assert apart, f"{words!r} lies on {other!r}"
        return root

    return check


def find_box(text):
    """Estimate the box of a text by widths of DejaVu Sans, a wide font."""
    size, anchor = float(text.get("font-size", 11)), text.get("text-anchor", "start")
    wide = sum(0.76 if letter.isupper() else 0.57 for letter in text.text)
    width = size * wide * (1.06 if text.get("font-weight") else 1)
    x, y = float(text.get("x")), float(text.get("y"))
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, y - 0.76 * size, left + width, y + 0.2 * size


@pytest.fixture(scope="session")
def list_points():
    """List the points of the paths that bear a name, path by path."""

    def find(root, name):
        paths = [e.get("d") for e in root.iter() if e.get(f"data-{name}") is not None]
        return [read_path(path) for path in paths]

    return find


def read_path(path):
    """Read the points of a path, whose later ones are told by steps."""
    points = []
    for run in path.strip("Mz").split("M"):
        start, _, told = run.partition("l")
        steps = re.findall(r"-?(?:\d+\.\d|\d+|\.\d)", told)
        steps = np.array([start.split(","), *np.reshape(steps, (-1, 2))], dtype=float)
        points.append(steps.cumsum(0).round(1))
    return np.concatenate(points)


@pytest.fixture(scope="session")
def find_ends():
    """Find the upper and the lower end of a band at given places."""

    def find(band, x):
        turn = int(band[:, 0].argmax()) + 1
        upper, lower = band[:turn], band[turn:][::-1]
        return [np.interp(x, *one.T) for one in (upper, lower)]

    return find


@pytest.fixture(scope="session")
def read_svg():
    """Parse an SVG as strictly as XML is, and check what every figure has."""

    def read(svg):
        root = ElementTree.fromstring(svg)
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.get("font-size") == "11", "what texts have that say no other"
        named = {
            root.find(f"{space}{tag}").get("id"): root.find(f"{space}{tag}").text
            for tag in ("title", "desc")
        }
        assert root.get("aria-labelledby").split() == list(named)
        assert all(named.values())
        ids = re.findall(r'\bid="([^"]+)"', svg)
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)
        assert len(ids) == len(set(ids)), "an id stands twice"
        assert "@" not in svg
        for text in root.iter(f"{space}text"):
            assert float(text.get("font-size", 11)) >= 11, "too small on a telephone"
            assert_fits(text)
        return root

    return read


def assert_fits(text):
    """Check that a text lies within the drawing, by a wide letter's width."""
    width = 0.57 * float(text.get("font-size", 11)) * len(text.text)
    x, anchor = float(text.get("x")), text.get("text-anchor", "start")
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    assert left >= -4, text.text
    assert left + width <= 404, text.text


@pytest.fixture(scope="session")
def list_texts():
    """List the texts of an SVG."""

    def find(root):
        return [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]

    return find
