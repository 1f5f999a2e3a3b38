"""A method that cannot learn from a fold is named with its reason, never lost."""

from neurograft.evaluation.cross_validation import _collect_refused
from neurograft.evaluation.methods.fold import FoldOutput


def make_folds(*refused):
    return [FoldOutput({}, {}, own, {}) for own in refused]


def test_a_method_that_fails_at_a_few_labels_only_is_named_with_their_number():
    outputs = {
        5: make_folds({"combat": "one site", "dead": "no"}, {}),
        0: make_folds({}, {"dead": "no signal"}),
        10: make_folds({}, {"combat": "one sex"}),
    }
    assert _collect_refused(outputs) == {
        "dead": "no signal",
        "combat with 5 labels": "one site",
        "combat with 10 labels": "one sex",
    }


def test_nothing_is_named_where_every_method_learned():
    assert _collect_refused({0: make_folds({}), 5: make_folds({})}) == {}
