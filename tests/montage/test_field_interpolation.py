"""The same field on other electrodes."""

import numpy as np
import pytest

from neurograft.errors import DataError
from neurograft.montage.channels import TEN_TWENTY
from neurograft.montage.field_interpolation import map_channels
from neurograft.montage.head_model import compute_leadfield, place_sources
from neurograft.simulation.sites import CAP_32, CAP_64

NAMES_14 = ("AF3", "F7", "F3", "FC5", "T7", "P7", "O1", "O2", "P8", "T8", "FC6", "F4",
            "F8", "AF4")  # fmt: skip


def make_field(ch_names, seed=0, n_times=400):
    """Sources that the interpolation does not know: other places, mostly radial."""
    rng = np.random.default_rng(seed)
    parts = [compute_leadfield(names, 97) for names in (ch_names, TEN_TWENTY)]
    both = np.concatenate(parts)
    directions = place_sources(97) + 0.3 * rng.normal(size=(97, 3))
    moments = rng.normal(size=(97, n_times)) * np.exp(rng.normal(size=(97, 1)))
    signals = np.einsum("csk,sk,st->ct", both, directions, moments)
    n = len(ch_names)
    return signals[:n], signals[n:] - signals[n:].mean(0)


def test_channels_that_are_there_are_picked():
    matrix = map_channels(("O1", "Cz", "Fz"), ("Fz", "O1"))
    np.testing.assert_array_equal(matrix, [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(("ch_names", "least"), [(CAP_32, 0.95), (NAMES_14, 0.85)])
def test_the_field_is_what_the_template_would_have_seen(ch_names, least):
    recorded, truth = make_field(ch_names)
    without = tuple(name for name in ch_names if name not in ("Cz", "O2"))
    rows = [ch_names.index(name) for name in without]
    found = map_channels(without, TEN_TWENTY) @ recorded[rows]
    found -= found.mean(0)
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(found, truth, strict=True)]
    assert np.median(r) > least
    assert found.std() == pytest.approx(truth.std(), rel=0.25)


def test_the_reference_of_the_recording_does_not_matter():
    recorded, _ = make_field(NAMES_14)
    matrix = map_channels(NAMES_14, TEN_TWENTY)
    np.testing.assert_allclose(
        matrix @ recorded, matrix @ (recorded - recorded[3]), atol=1e-8
    )


def test_more_electrodes_see_more():
    error = []
    for ch_names in (NAMES_14, CAP_64[:-3]):
        recorded, truth = make_field(ch_names)
        found = map_channels(ch_names, TEN_TWENTY) @ recorded
        found -= found.mean(0)
        error.append(((found - truth) ** 2).sum() / (truth**2).sum())
    assert error[1] < 0.5 * error[0]


def test_channels_without_a_place_are_refused():
    with pytest.raises(DataError, match="1 of 3 channels have a place"):
        map_channels(("Cz", "EXG1", "E57"), TEN_TWENTY)
