"""Checkpoints: weights, optimiser state and history in one safetensors file.

One file is renamed into place whole, so weights and optimiser can never disagree; a
digest of all tensors tells a damaged one.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from neurograft.errors import DataError
from neurograft.files.writing import write_bytes

# Prefix of the names of the optimiser's tensors.
OPTIMIZER = "optimizer"
# What reading a damaged file raises.
DAMAGED = (
    SafetensorError, RuntimeError, OSError, KeyError, TypeError, ValueError,
)  # fmt: skip


def save_checkpoint(
    path: Path,
    modules: Mapping[str, nn.Module],
    optimizer: torch.optim.AdamW,
    facts: dict[str, Any],
) -> None:
    """Write everything needed to go on.

    Args:
        path: File to replace.
        modules: Modules by name.
        optimizer: Its state is kept.
        facts: Anything JSON can hold.
    """
    tensors = {
        f"{name}.{key}": value.detach().contiguous()
        for name, module in modules.items()
        for key, value in module.state_dict().items()
    }
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {
            f"{OPTIMIZER}.{index}.{name}": value.contiguous()
            for name, value in state.items()
        }
    tensors = {name: value.cpu().clone() for name, value in tensors.items()}
    metadata = {"facts": json.dumps(facts), "sha256": _digest(tensors)}
    write_bytes(path, save(tensors, metadata=metadata))


def load_checkpoint(
    path: Path, modules: Mapping[str, nn.Module], optimizer: torch.optim.AdamW
) -> dict[str, Any]:
    """Bring modules and optimiser to where they were; returns the facts.

    Raises:
        DataError: If the file is damaged or belongs to another architecture.
    """
    metadata = _read_metadata(path)
    try:
        tensors = load_file(path)
        if _digest(tensors) != metadata.get("sha256"):
            raise DataError(
                f"{path} is damaged: its digest is not the one it was written with; "
                "delete it to start again."
            )
        for name, module in modules.items():
            module.load_state_dict(_select(tensors, name))
        _load_optimizer(optimizer, tensors)
    except DAMAGED as error:
        raise DataError(
            f"{path} is damaged or of another architecture; delete it to start again."
        ) from error
    return _parse_facts(metadata, path)


def _load_optimizer(
    optimizer: torch.optim.AdamW, tensors: Mapping[str, Tensor]
) -> None:
    states: dict[int, dict[str, Tensor]] = {}
    for key, value in _select(tensors, OPTIMIZER).items():
        index, part = key.split(".", 1)
        states.setdefault(int(index), {})[part] = value
    layout = optimizer.state_dict()
    optimizer.load_state_dict({"state": states, "param_groups": layout["param_groups"]})


def read_checkpoint_facts(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` was given, without the tensors.

    Raises:
        DataError: If the file is damaged.
    """
    return _parse_facts(_read_metadata(path), path)


def _parse_facts(metadata: Mapping[str, str], path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(metadata["facts"])
        return dict(facts)
    except DAMAGED as error:
        raise DataError(f"{path} is damaged; delete it to start again.") from error


def _read_metadata(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata())
    except DAMAGED as error:
        raise DataError(f"{path} is damaged; delete it to start again.") from error


def _select(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): value
        for key, value in tensors.items()
        if key.startswith(prefix)
    }


def _digest(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of all tensors in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()
