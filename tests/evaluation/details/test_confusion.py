"""Everybody stands in one cell."""

import numpy as np

from neurograft.evaluation.details.confusion import count_decisions


def test_cells_sum_to_the_people_tested(make_groups):
    one = make_groups()
    table = count_decisions(one)
    assert (table["threshold"] == 0.5).all()
    for method, cells in table.groupby("method"):
        p = one.full[method].predictions
        assert cells["n"].sum() == p.is_tested.sum()
        of_group = cells.groupby("true_group")["n"].sum()
        assert of_group["case"] == (p.labels == 1).sum()


def test_repeats_count_as_one_by_their_mean(evaluate_by_hand):
    scores = np.array([[0.9, 0.9, 0.2, np.nan], [0.2, 0.0, 0.4, np.nan]])
    one = evaluate_by_hand("classification", [1, 1, 0, 0], {"a": scores})
    counts = count_decisions(one).set_index(["true_group", "predicted_group"])["n"]
    assert counts["case", "case"] == 1
    assert counts["case", "control"] == 1
    assert counts["control", "control"] == 1
    assert counts["control", "case"] == 0


def test_more_than_two_groups_have_no_threshold(evaluate_by_hand):
    labels = np.arange(12) % 3
    said = np.eye(3)[(labels + (np.arange(12) > 9)) % 3][None]
    one = evaluate_by_hand("multiclass", labels, {"m": said})
    table = count_decisions(one)
    assert table["threshold"].isna().all()
    assert len(table) == 9
    assert table["n"].sum() == 12
    is_right = table["true_group"] == table["predicted_group"]
    assert table.loc[is_right, "n"].sum() == 10


def test_people_who_are_not_judged_stand_in_no_cell(make_groups):
    judged = np.arange(43) % 4 > 0
    table = count_decisions(make_groups(is_reference=judged))
    assert (table.groupby("method")["n"].sum() == judged.sum()).all()
