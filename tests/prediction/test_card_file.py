"""The card of a predictor is read alone, or one sentence says why not."""

import pytest

from neurograft.errors import DataError
from neurograft.files.cards import seal_card
from neurograft.files.writing import write_json
from neurograft.prediction.card_file import CARD_FILE, read_predictor_card


@pytest.fixture
def write(tmp_path, made):
    def write_card(**changes):
        card = made.card().model_dump(mode="json") | changes
        write_json(tmp_path / CARD_FILE, seal_card({"card": card, "parts": []}))
        return tmp_path

    return write_card


def test_the_card_is_read_without_the_numbers(write):
    card, content = read_predictor_card(write())
    assert card.task == "disease"
    assert content["parts"] == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"version": 1}, "is of version 1"),
        ({"kind": "guess"}, "is damaged: it is no card"),
        ({"unknown": 1}, "is damaged: it is no card"),
    ],
)
def test_a_card_that_is_not_ours_is_refused(write, changes, sentence):
    with pytest.raises(DataError, match=sentence):
        read_predictor_card(write(**changes))


def test_a_folder_without_a_card_is_refused(tmp_path):
    with pytest.raises(DataError, match="no predictor"):
        read_predictor_card(tmp_path)
