"""Names, dates and numbers of hospitals in headers reach nothing that is written."""

import json

import numpy as np
import pytest
from edfio import Edf, EdfAnnotation, EdfSignal

from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.one_recording import answer, make_request
from neurograft.recordings.found_recording import FoundRecording

PLANTED = ("Huber", "Erika", "17.03.56", "19560317", "4711234567", "3.56")
# Where the fields of the header begin and how long they are, for five channels.
FIELDS = {
    "patient": (8, 80), "recording": (88, 80), "date": (168, 8), "bytes": (184, 8),
    "records": (236, 8), "length": (244, 8), "channels": (252, 4), "label": (256, 16),
    "transducer": (336, 80), "unit": (736, 8), "physical": (776, 8),
    "digital": (856, 8), "samples": (1336, 8),
}  # fmt: skip


def write(folder):
    """Five channels, one with a name, and a note about somebody."""
    rng = np.random.default_rng(0)
    signals = [
        EdfSignal(
            rng.normal(0, 20, 30 * 128), 128, label=label, physical_dimension="uV",
            physical_range=(-500, 500),
        )
        for label in ("Cz", "Fp1", "O2", "Huber")
    ]  # fmt: skip
    path = folder / "Erika Huber.edf"
    Edf(signals, annotations=[EdfAnnotation(3, 1, "Erika coughs 4711234567")]).write(
        path
    )
    return path


@pytest.mark.parametrize("field", ["none", "shift", *FIELDS])
@pytest.mark.parametrize("text", [b"Huber 17.03.56", b"19560317", b"3.56"])
def test_nothing_that_is_written_quotes_a_header(tmp_path, field, text):
    path = write(tmp_path)
    content = bytearray(path.read_bytes())
    if field == "shift":
        content[8:8] = text
    elif field != "none":
        start, width = FIELDS[field]
        content[start : start + width] = text[:width].ljust(width)
    path.write_bytes(content)
    found = FoundRecording(RecordingKey("c", "sub-1"), path, None)
    settings = CohortConfig(folder=tmp_path)
    request = make_request(found, tmp_path / "out", settings, HarmoniseConfig())
    for do in ("inspect", "harmonise"):
        told = json.dumps(answer(json.dumps(request | {"do": do})))
        assert [name for name in PLANTED if name in told] == []
    for shown in (tmp_path / "out/inspection").glob("*.npz"):
        with np.load(shown, allow_pickle=False) as arrays:
            told = " ".join(str(arrays[name].tolist()) for name in ("ch_names", "bads"))
            texts = {name for name in arrays if arrays[name].dtype.kind in "USO"}
        assert [name for name in PLANTED if name in told] == []
        assert texts == {"ch_names", "bads"}
    for written in (tmp_path / "out").rglob("*.json"):
        told = written.read_text()
        assert [name for name in PLANTED if name in told] == []
