"""The card of an encoder adds up whom it has seen, and says how it was made."""

from neurograft.config.pretraining import PretrainingConfig
from neurograft.store.signal_fingerprint import FINGERPRINT_VERSION
from neurograft.study.encoder_card import continue_card, name_objectives


def test_target_and_masks_are_named_where_they_count():
    settings = PretrainingConfig(
        objectives=({"mae": 1.0, "jepa": 0.5},), target="whitened", mask="block"
    )
    assert name_objectives(settings) == "mae (whitened, block masks) + 0.5 jepa"


def test_people_on_an_older_card_are_counted_and_not_recognised():
    new = {"objective": "mae", "cohorts": ["b"], "licences": {}, "hours": 1.0}
    new |= {"seen_subjects": ["x"], "seen_recordings": ["y"], "data_sets": ["b"]}
    new |= {"n_subjects": 1, "fingerprint_version": FINGERPRINT_VERSION}
    old = {"objective": "mae", "cohorts": ["a"], "hours": 1.0, "n_subjects": 5}
    old |= {"seen_subjects": ["1", "2", "3", "4", "5"], "seen_signals": ["6"]}
    card = continue_card(dict(new), old)
    assert card["n_subjects"] == 6
    assert card["seen_subjects"] == ["x"]
    again = continue_card(new | {"seen_subjects": ["z"]}, card)
    assert again["n_subjects"] == 7
    assert again["seen_subjects"] == ["x", "z"]
