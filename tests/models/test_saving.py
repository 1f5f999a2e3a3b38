"""Damaged encoders and edited cards are one sentence, never a traceback."""

import hashlib
import json
import random

import pytest
import torch
from safetensors.torch import load, save

from neurograft.errors import DataError
from neurograft.files.cards import seal_card
from neurograft.models.saving import (
    CARD_FILE,
    WEIGHTS_FILE,
    find_shipped,
    load_encoder,
    read_encoder_card,
)

CARD = json.loads((find_shipped("tiny") / CARD_FILE).read_text())
WEIGHTS = (find_shipped("tiny") / WEIGHTS_FILE).read_bytes()
TENSORS = load(WEIGHTS)
FIRST = sorted(TENSORS)[0]
SIZES = {k: v for k, v in CARD["architecture"].items() if isinstance(v, int)}


def write(folder, card, weights=WEIGHTS, *, seal=True):
    folder.mkdir(exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(weights)
    if isinstance(card, dict) and seal:
        card = seal_card(card | {"sha256": hashlib.sha256(weights).hexdigest()})
    text = card if isinstance(card, str) else json.dumps(card)
    (folder / CARD_FILE).write_text(text)
    return folder


def test_the_shipped_encoder_and_its_copy_are_read(tmp_path):
    assert read_encoder_card(find_shipped("tiny")) == CARD
    assert load_encoder(write(tmp_path / "e", CARD)).config.depth == 4


@pytest.mark.parametrize(
    "card",
    ["[1]", "{", "", "null", "[" * 100_000, '"text"', "\x00", "9" * 10_000],
)
def test_a_card_that_is_none_is_one_sentence(tmp_path, card):
    with pytest.raises(DataError, match="copy the encoder again from its source"):
        read_encoder_card(write(tmp_path / "e", card))


@pytest.mark.parametrize(
    "change",
    [{"seen_subjects": []}, {"seen_recordings": []}, {"n_subjects": 0}, {"salt": "0"},
     {"data_sets": []}, {"more": 1}],
)  # fmt: skip
def test_an_edited_card_is_noticed(tmp_path, change):
    folder = write(tmp_path / "e", CARD | change, seal=False)
    with pytest.raises(DataError, match="is not as it was written"):
        read_encoder_card(folder)


def test_a_card_whose_digest_was_removed_is_noticed(tmp_path):
    card = {k: v for k, v in CARD.items() if k != "card_sha256"}
    folder = write(tmp_path / "e", card | {"seen_subjects": []}, seal=False)
    with pytest.raises(DataError, match="its digest is missing or another"):
        load_encoder(folder)


@pytest.mark.parametrize(
    "architecture",
    [
        [], None, "text", {}, SIZES | {"evil": 1}, SIZES | {"tokens": "smell"},
        dict.fromkeys(SIZES, "x"), {k: -v for k, v in SIZES.items()},
        {k: v * 100_000 for k, v in SIZES.items()},
        {k: v + 0.5 for k, v in SIZES.items()},
        SIZES | {"num_heads": 0}, SIZES | {"num_heads": 7}, SIZES | {"depth": True},
        SIZES | {"embed_dim": None},
    ],
)  # fmt: skip
def test_an_architecture_that_is_none_is_one_sentence(tmp_path, architecture):
    card = CARD | {"architecture": architecture}
    with pytest.raises(DataError, match="copy the encoder again from its source"):
        load_encoder(write(tmp_path / "e", card))


@pytest.mark.parametrize(
    "weights",
    [
        b"", WEIGHTS[:5000], b"\xff" * 8 + WEIGHTS[8:], save({FIRST: TENSORS[FIRST]}),
        save(TENSORS | {"zzz": torch.zeros(3)}),
        save({k: torch.full_like(v, float("nan")) for k, v in TENSORS.items()}),
        save(TENSORS | {FIRST: torch.full_like(TENSORS[FIRST], float("inf"))}),
        save({k: v.to(torch.int8) for k, v in TENSORS.items()}),
        save(TENSORS | {FIRST: TENSORS[FIRST][..., :1].contiguous()}),
    ],
)  # fmt: skip
def test_damaged_weights_are_one_sentence(tmp_path, weights):
    with pytest.raises(DataError, match="copy the encoder again from its source"):
        load_encoder(write(tmp_path / "e", CARD, weights))


def test_mutated_cards_are_never_read(tmp_path):
    rng = random.Random(0)
    small = {k: v for k, v in CARD.items() if "seen" not in k}
    content = bytearray(json.dumps(seal_card(small)).encode())
    for _ in range(100):
        changed = bytearray(content)
        place = rng.randrange(len(changed))
        changed[place] = (changed[place] + rng.randrange(1, 255)) % 256
        (tmp_path / CARD_FILE).write_bytes(changed)
        with pytest.raises(DataError):
            read_encoder_card(tmp_path)
