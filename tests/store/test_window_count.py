"""Everybody gives as many windows as most people of a task have."""

from hypothesis import given
from hypothesis import strategies as st

from neurograft.store.window_count import (
    MOST_WINDOWS,
    find_common_count,
    share_counts,
)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_as_many_windows_as_19_of_20_have(counts):
    found = find_common_count(counts)
    recorded = [count for count in counts if count]
    assert 1 <= found <= MOST_WINDOWS
    if recorded:
        enough = sum(count >= found for count in recorded)
        assert enough >= 0.95 * len(recorded)
        if found < MOST_WINDOWS:
            more = sum(count > found for count in recorded)
            assert more < 0.95 * len(recorded)


def test_views_that_tasks_tie_together_give_the_same():
    found = share_counts(
        [{"a": 20, "b": 15}, {"b": 22, "c": 9}, {"d": 40}, {"d": 11, "e": 24}]
    )
    assert found == {"a": 9, "b": 9, "c": 9, "d": 11, "e": 11}
