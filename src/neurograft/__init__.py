"""Pretrain EEG encoders on public recordings, transfer them, say what it bought.

    import neurograft as ng

    recording = ng.read_recording("sub-01_eeg.edf")
    table = ng.embed([recording], encoder="tiny")

Names are loaded when they are first used (PEP 562): importing the package loads neither
torch nor mne. docs/api.md describes every one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Every public name, and the module that holds it.
PUBLIC = {
    "AlignDomains": "adaptation.alignment",
    "EncoderClassifier": "transfer.estimators",
    "EncoderRegressor": "transfer.estimators",
    "Results": "api.results",
    "embed": "api.embedding",
    "evaluate": "api.evaluation",
    "fit": "api.prediction",
    "from_raw": "api.recordings",
    "harmonise": "api.recordings",
    "load_encoder": "models.saving",
    "load_predictor": "api.prediction",
    "measure_shift": "api.shift",
    "read_recording": "api.recordings",
    "read_results": "api.results",
    "read_study": "config.study",
    "run": "api.studies",
    "simulate_cohorts": "simulation.cohorts",
}
__all__ = [
    "AlignDomains", "EncoderClassifier", "EncoderRegressor", "Results", "embed",
    "evaluate", "fit", "from_raw", "harmonise", "load_encoder", "load_predictor",
    "measure_shift", "read_recording", "read_results", "read_study", "run",
    "simulate_cohorts",
]  # fmt: skip

if TYPE_CHECKING:
    from neurograft.adaptation.alignment import AlignDomains
    from neurograft.api.embedding import embed
    from neurograft.api.evaluation import evaluate
    from neurograft.api.prediction import fit, load_predictor
    from neurograft.api.recordings import from_raw, harmonise, read_recording
    from neurograft.api.results import Results, read_results
    from neurograft.api.shift import measure_shift
    from neurograft.api.studies import run
    from neurograft.config.study import read_study
    from neurograft.models.saving import load_encoder
    from neurograft.simulation.cohorts import simulate_cohorts
    from neurograft.transfer.estimators import EncoderClassifier, EncoderRegressor


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name in PUBLIC:
        return getattr(import_module(f"neurograft.{PUBLIC[name]}"), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("neurograft")
    raise AttributeError(f"module 'neurograft' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
