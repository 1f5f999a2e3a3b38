import math

import pytest
import torch

from neurograft.models.transformer import MAX_SPELLED_OUT, attend, rms_norm


def attend_by_definition(query, key, value):
    """Softmax of scaled products, query by query and head by head."""
    query, key = rms_norm(query), rms_norm(key)
    logits = torch.einsum("bqhd,bkhd->bhqk", query, key) / math.sqrt(query.shape[-1])
    mixed = torch.einsum("bhqk,bkhd->bqhd", logits.softmax(-1), value)
    return mixed.flatten(2)


@pytest.mark.parametrize("n_keys", [5, MAX_SPELLED_OUT + 3])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 0.03)]
)
def test_attention_is_its_definition_at_any_precision_and_length(
    n_keys, dtype, tolerance
):
    generator = torch.Generator().manual_seed(0)
    query = torch.randn(2, 7, 3, 32, generator=generator)
    key, value = torch.randn(2, 2, n_keys, 3, 32, generator=generator)
    found = attend(query.to(dtype), key.to(dtype), value.to(dtype))
    expected = attend_by_definition(query, key, value)
    torch.testing.assert_close(found.float(), expected, atol=tolerance, rtol=tolerance)


def test_attention_learns_as_its_definition_does():
    generator = torch.Generator().manual_seed(0)
    parts = [
        torch.randn(2, n, 3, 32, generator=generator, requires_grad=True)
        for n in (7, 5, 5)
    ]
    slopes = [
        torch.autograd.grad(function(*parts).square().sum(), parts)
        for function in (attend, attend_by_definition)
    ]
    for found, expected in zip(*slopes, strict=True):
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
