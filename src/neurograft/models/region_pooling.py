"""Pool visible tokens into scalp regions, as the readout of an encoder will."""

import torch
from jaxtyping import Float
from torch import Tensor

from neurograft.montage.regions import REGION_WIDTH_RAD, REGIONS

N_REGIONS = len(REGIONS)


def weigh_tokens(
    coordinates: Float[Tensor, "batch n 3"],
) -> Float[Tensor, "batch n_regions n"]:
    """Weigh tokens in each scalp region, as `montage.regions.weigh_regions` does."""
    centres = torch.tensor(list(REGIONS.values()), dtype=coordinates.dtype)
    centres = torch.nn.functional.normalize(centres, dim=1).to(coordinates.device)
    cosine = (coordinates @ centres.T).clamp(-1, 1).transpose(1, 2)
    logits = -0.5 * (torch.arccos(cosine) / REGION_WIDTH_RAD) ** 2
    return logits.softmax(-1)


def pool_regions(
    embedded: Float[Tensor, "batch n dim"], coordinates: Float[Tensor, "batch n 3"]
) -> Float[Tensor, "batch n_regions dim"]:
    """Average the tokens of each region."""
    return weigh_tokens(coordinates) @ embedded.float()
