"""A damaged checkpoint is one sentence that says to delete it."""

from contextlib import suppress

import pytest
import torch
from safetensors.torch import load, save

from neurograft.errors import DataError
from neurograft.training.checkpoints import (
    _digest,
    load_checkpoint,
    read_checkpoint_facts,
    save_checkpoint,
)


def sign(tensors, facts="{}"):
    return save(tensors, metadata={"sha256": _digest(tensors), "facts": facts})


DAMAGES = {
    "empty": lambda raw, _: b"",
    "cut": lambda raw, _: raw[:-5],
    "header": lambda raw, _: raw[:20] + b"X" + raw[21:],
    "bytes": lambda raw, _: raw[:-3] + b"\xff\xff\xff",
    "no metadata": lambda _, tensors: save(tensors),
    "no facts": lambda _, t: save(t, metadata={"sha256": _digest(t)}),
    "no digest": lambda _, t: save(t, metadata={"facts": "{}"}),
    "facts no json": lambda _, tensors: sign(tensors, "{"),
    "facts a list": lambda _, tensors: sign(tensors, "[1]"),
    "facts deep": lambda _, tensors: sign(tensors, "[" * 100_000),
    "odd optimizer": lambda _, t: sign(t | {"optimizer.x.y": torch.zeros(1)}),
    "short optimizer": lambda _, t: sign(t | {"optimizer.5": torch.zeros(1)}),
    "missing": lambda _, t: sign({k: v for k, v in t.items() if "weight" not in k}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_one_sentence(tmp_path, damage):
    module = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(module.parameters())
    module(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, {"m": module}, optimizer, {"step": 1})
    assert load_checkpoint(path, {"m": module}, optimizer) == {"step": 1}
    raw = path.read_bytes()
    path.write_bytes(DAMAGES[damage](raw, load(raw)))
    with pytest.raises(DataError, match="delete it to start again"):
        load_checkpoint(path, {"m": module}, optimizer)
    with suppress(DataError):
        read_checkpoint_facts(path)
