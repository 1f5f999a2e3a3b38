"""Encoders and objectives of the user's own, named in a study file."""

import sys
from pathlib import Path

import numpy as np
import pytest

from neurograft.config.study_file.own_class import find_own_class, hash_source
from neurograft.errors import ConfigError
from neurograft.files.tables import read_table
from neurograft.files.writing import read_arrays
from neurograft.report.page import build_page
from neurograft.study.opened_study import Study
from neurograft.study.stages.embed import run_embed
from neurograft.study.stages.pretrain import describe_pretraining, run_pretrain
from neurograft.study.stages.report import locate_tables
from neurograft.study.stages.shift import run_shift
from neurograft.transfer.encoder_source import EncoderSource, make_source


@pytest.fixture(scope="module", autouse=True)
def importable():
    """The classes lie in a folder that is on the path."""
    sys.path.insert(0, str(Path(__file__).parent))
    yield
    sys.path.pop(0)


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    return make_study(
        tmp_path_factory.mktemp("own"), tasks=("disease",), controls=False,
        methods=["dummy", "tokens", "random-encoder", "encoder"], labels_per_class=[],
    )  # fmt: skip


def change(study, **pretraining):
    settings = study.pretraining.model_copy(update=pretraining)
    return study.model_copy(update={"pretraining": settings})


def test_an_encoder_of_ones_own_is_evaluated_beside_its_random_twin(study, evaluate):
    own = change(study, source="own_classes:Spectrum", name="mine")
    opened = Study(own)
    inputs = describe_pretraining(opened).inputs
    assert inputs["own_classes:Spectrum"] == hash_source("own_classes:Spectrum")
    # Encoders that were pretrained before this setting existed stay current.
    assert "source" not in describe_pretraining(Study(study)).settings["pretraining"]
    run_pretrain(opened)
    run_embed(opened)
    arrays = read_arrays(opened.embeddings_folder / "clinic.npz")
    assert arrays["encoder_windows"].shape[2:] == (1, 40)
    assert not np.allclose(arrays["encoder"], arrays["random-encoder"])
    tables = evaluate(own)
    assert set(tables("results")["method"]) == {"dummy", "random-encoder", "encoder"}
    assert "tokens: the study's own encoder has none" in tables("tasks")["not_run"][0]
    gain = tables("comparisons").query("question == 'pretraining'")
    assert gain["method"].tolist() == ["encoder"]
    run_shift(opened)
    page = build_page(locate_tables(opened), {})
    assert "an encoder of your own (own_classes:Spectrum)" in page
    assert "Nobody can check whom this encoder has seen" in page


def test_an_objective_of_ones_own_teaches_an_encoder(study):
    half = Study(change(study, objectives=({"own_classes:Half": 1.0},), name="half"))
    whole = Study(change(study, objectives=({"mae": 1.0},), name="whole"))
    for opened in (half, whole):
        run_pretrain(opened)
    losses = [read_table(opened.encoder_folder / "metrics.tsv")["loss"].iloc[-1]
              for opened in (half, whole)]  # fmt: skip
    assert losses[0] < losses[1]
    stage = describe_pretraining(half)
    assert stage.inputs["own_classes:Half"] == hash_source("own_classes:Half")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere.at_all:X", "there is no module 'nowhere'"),
        ("own_classes:Missing", "has no 'Missing'"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(path, message):
    with pytest.raises(ConfigError, match=message):
        find_own_class(path)


def test_what_is_no_encoder_or_takes_other_windows_is_refused(study):
    def make(name, **how):
        settings = {"is_trained": True, "seed": 0, "sfreq": 128.0, "window_s": 10.0}
        return make_source(f"own_classes:{name}", **(settings | how))

    with pytest.raises(ConfigError, match="is no encoder; it must have `sfreq`"):
        make("Nothing")
    with pytest.raises(ConfigError, match=r"a class that takes is_trained and seed"):
        make("Half")
    with pytest.raises(ConfigError, match=r"takes harmonise.sfreq = 128, the study"):
        make("Spectrum", sfreq=256.0)
    flat = Study(change(study, source="own_classes:Flat", name="flat"))
    run_pretrain(flat)
    with pytest.raises(ConfigError, match=r"gave shape \(3,\) of one window"):
        run_embed(flat)
    nothing = Study(change(study, objectives=({"own_classes:Nothing": 1.0},)))
    with pytest.raises(ConfigError, match="is no objective; it must be a torch module"):
        run_pretrain(nothing)


def test_the_encoder_of_the_documentation_embeds_windows():
    page = (Path(__file__).parents[3] / "docs/pretraining.md").read_text("utf-8")
    code = page.split("```python")[1].split("```")[0]
    names = {}
    exec(code, names)
    trained, random = (
        names["Spectrum"](is_trained=flag, seed=0) for flag in (True, False)
    )
    assert isinstance(trained, EncoderSource)
    windows = np.random.default_rng(0).normal(size=(2, 3, 1280))
    channels = {"ch_names": ("Fz", "Cz", "Pz"), "positions": np.eye(3)}
    found = trained.embed(windows, **channels)
    assert found.shape == (2, 40)
    assert not np.allclose(found, random.embed(windows, **channels))
