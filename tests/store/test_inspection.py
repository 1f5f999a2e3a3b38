"""What is shown of a recording survives its file; another file is refused."""

import numpy as np
import pytest

from neurograft.errors import DataError
from neurograft.store.inspection import (
    SECOND_WORDS,
    Inspection,
    find_inspection,
    place_seconds,
    read_inspection,
    write_inspection,
)


def make_inspection(n_channels=4, **changes):
    rng = np.random.default_rng(0)
    places = rng.standard_normal((n_channels, 3))
    noise = rng.standard_normal((2, n_channels, 1280)).cumsum(-1)
    after = noise[1] - noise[1].mean(-1, keepdims=True)
    after[1] = np.nan
    one = Inspection(
        unit="microvolts",
        ch_names=tuple(f"E{number}" for number in range(n_channels)),
        positions=places / np.linalg.norm(places, axis=1, keepdims=True),
        bads=("", "flat", *[""] * (n_channels - 2)),
        is_left_out=np.arange(n_channels) == 1,
        excerpt_start_s=12.0,
        excerpt_hz=128.0,
        before=noise[0] * 1e5,
        after=after,
        duration_s=30.0,
        second_s=1.0,
        stretches_s=np.array([[2.0, 0.0, 3.5], [20.0, 3.5, 2.0]]),
        codes=np.array([0, 1, 2, 5, 3, 4]),
        shares=np.array([0, 0.1, 1, 0.25, 0.5, 1]),
        frequencies_hz=np.arange(1, 91) / 2,
        log_power=np.where(np.arange(n_channels)[:, None] == 1, np.nan, 1.0)
        * np.ones(90),
    )
    return one._replace(**changes)


@pytest.fixture
def damage(tmp_path):
    """Write an inspection, let a function change its arrays, and write them again."""

    def change(function):
        write_inspection(tmp_path, "sub-1", make_inspection())
        path = find_inspection(tmp_path, "sub-1")
        with np.load(path) as file:
            arrays = dict(file)
        function(arrays)
        np.savez_compressed(path, **arrays)
        return tmp_path

    return change


def test_a_file_gives_back_what_was_written_to_a_twelfth_of_an_sd(tmp_path):
    one = make_inspection()
    write_inspection(tmp_path, "sub-1", one)
    found = read_inspection(tmp_path, "sub-1")
    for name in ("unit", "ch_names", "bads", "excerpt_start_s", "duration_s"):
        assert getattr(found, name) == getattr(one, name)
    for name in ("codes", "stretches_s", "is_left_out", "frequencies_hz"):
        np.testing.assert_array_equal(getattr(found, name), getattr(one, name))
    np.testing.assert_allclose(found.positions, one.positions, atol=1e-6)
    np.testing.assert_allclose(found.log_power, one.log_power, atol=2e-3)
    for name in ("before", "after"):
        read, written = (getattr(x, name)[[0, 2, 3]] for x in (found, one))
        errors = np.abs(read - written).max(1)
        assert (errors <= 0.03 * np.abs(written).max(1)).all()
    assert np.isnan(found.after[1]).all()


def test_the_same_content_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_inspection(tmp_path, name, make_inspection())
    first, second = (find_inspection(tmp_path, n).read_bytes() for n in "ab")
    assert first == second


def test_sixty_four_channels_and_a_day_of_seconds_are_small(tmp_path):
    day = 86_400
    write_inspection(
        tmp_path,
        "sub-1",
        make_inspection(
            64, stretches_s=np.array([[0.0, 0.0, day]]), codes=np.zeros(day, int),
            shares=np.zeros(day),
        ),
    )  # fmt: skip
    assert find_inspection(tmp_path, "sub-1").stat().st_size < 150 * 1024


def test_seconds_lie_where_their_stretch_lies_and_the_last_is_shorter():
    placed = place_seconds(make_inspection())
    assert placed.in_file_s.tolist() == [2, 3, 4, 5, 20, 21]
    assert placed.stored_s.tolist() == [0, 1, 2, 3, 3.5, 4.5]
    assert placed.lengths_s.tolist() == [1, 1, 1, 0.5, 1, 1]
    assert len(SECOND_WORDS) == 6


def test_without_a_file_the_reader_is_told_what_to_do(tmp_path):
    with pytest.raises(DataError, match="run `neurograft harmonise` again to see"):
        read_inspection(tmp_path, "sub-1")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive", b"\x93NUMPY"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    path = find_inspection(tmp_path, "sub-1")
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged; delete it"):
        read_inspection(tmp_path, "sub-1")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_half_a_file_is_refused(tmp_path, share):
    write_inspection(tmp_path, "sub-1", make_inspection())
    path = find_inspection(tmp_path, "sub-1")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match="is damaged"):
        read_inspection(tmp_path, "sub-1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("codes", np.array([9] * 6)),
        ("codes", np.array([0, 1])),
        ("positions", np.zeros((4, 2))),
        ("positions", np.full((4, 3), np.nan)),
        ("before", np.zeros((3, 1280), np.int8)),
        ("bads", np.array(["flat"])),
        ("lengths", np.array([30.0, 0.0])),
        ("lengths", np.array([30.0])),
        ("stretches_s", np.zeros(3)),
        ("log_power", np.zeros((4, 3), np.float16)),
        ("log_power", np.full((4, 90), np.inf, np.float16)),
        ("before_steps", np.array(["x"])),
        ("ch_names", np.array([{"a": 1}] * 4, dtype=object)),
    ],
)
def test_arrays_that_do_not_fit_are_refused_and_nothing_is_unpickled(
    damage, name, value
):
    folder = damage(lambda arrays: arrays.update({name: value}))
    with pytest.raises(DataError, match="is damaged"):
        read_inspection(folder, "sub-1")


@pytest.mark.parametrize("name", ["version", "after", "shares", "excerpt"])
def test_a_missing_array_is_damage(damage, name):
    folder = damage(lambda arrays: arrays.pop(name))
    with pytest.raises(DataError, match="is damaged"):
        read_inspection(folder, "sub-1")


def test_another_version_is_named(damage):
    folder = damage(lambda arrays: arrays.update(version=np.int64(99)))
    with pytest.raises(DataError, match="written by another version of neurograft"):
        read_inspection(folder, "sub-1")
