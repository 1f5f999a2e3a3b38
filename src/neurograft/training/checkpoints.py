"""Checkpoints: weights, optimiser state and history in one safetensors file.

One file is renamed into place whole, so weights and optimiser can never disagree.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from neurograft.errors import DataError
from neurograft.provenance import write_bytes

MODEL = "model."
OPTIMIZER = "optimizer."


def save_checkpoint(
    path: Path, model: nn.Module, optimizer: torch.optim.AdamW, facts: dict[str, Any]
) -> None:
    """Write everything needed to go on; `facts` is anything JSON can hold."""
    tensors = {MODEL + k: v.contiguous() for k, v in model.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {
            f"{OPTIMIZER}{index}.{name}": value.contiguous()
            for name, value in state.items()
        }
    write_bytes(path, save(tensors, metadata={"facts": json.dumps(facts)}))


def load_checkpoint(
    path: Path, model: nn.Module, optimizer: torch.optim.AdamW
) -> dict[str, Any]:
    """Bring model and optimiser to where they were; returns the facts.

    Raises:
        DataError: If the file is damaged or belongs to another architecture.
    """
    try:
        tensors = load_file(path)
        model.load_state_dict(
            {
                k.removeprefix(MODEL): v
                for k, v in tensors.items()
                if k.startswith(MODEL)
            }
        )
    except (SafetensorError, RuntimeError, OSError) as error:
        raise DataError(
            f"{path} is damaged or of another architecture; delete it to start again "
            f"({str(error).splitlines()[0]})."
        ) from error
    states: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith(OPTIMIZER):
            index, part = name.removeprefix(OPTIMIZER).split(".", 1)
            states.setdefault(int(index), {})[part] = value
    layout = optimizer.state_dict()
    optimizer.load_state_dict({"state": states, "param_groups": layout["param_groups"]})
    return read_facts(path)


def read_facts(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` was given, without the tensors.

    Raises:
        DataError: If the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts: dict[str, Any] = json.loads(file.metadata()["facts"])
    except (SafetensorError, OSError) as error:
        raise DataError(f"{path} is damaged; delete it to start again.") from error
    return facts
