"""Where a token sits: electrode coordinates and time, never a channel's name."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

# Random Fourier features of xyz (Tancik 2020): number, and spread of the frequencies
# in radians per unit length, smooth enough that neighbouring electrodes look alike.
N_FREQUENCIES = 32
FREQUENCY_SD = 1.2 * math.pi
# Longest wavelength of the time features, seconds.
LONGEST_S = 100.0


class PositionEmbedding(nn.Module):
    """Fourier features of the electrode's unit-sphere position, plus time in seconds.

    Source: random Fourier features, Tancik 2020 eq. 5; coordinates instead of names as
    in REVE (2025); sinusoidal time as in Vaswani 2017, in seconds instead of indices.
    """

    frequencies: Tensor

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        # The frequencies are part of the architecture: fixed, whatever the seed.
        generator = torch.Generator().manual_seed(0)
        frequencies = FREQUENCY_SD * torch.randn(3, N_FREQUENCIES, generator=generator)
        self.register_buffer("frequencies", frequencies)
        self.place = nn.Linear(3 + 2 * N_FREQUENCIES, embed_dim)
        self.time = nn.Linear(embed_dim, embed_dim, bias=False)
        self.embed_dim = embed_dim

    def forward(
        self, coordinates: Float[Tensor, "batch n 3"], times: Float[Tensor, "batch n"]
    ) -> Float[Tensor, "batch n embed_dim"]:
        """Embed positions (unit sphere) and times (seconds from the window's start)."""
        phases = coordinates @ self.frequencies
        features = torch.cat([coordinates, phases.sin(), phases.cos()], dim=-1)
        embedded: Tensor = self.place(features) + self.time(self._embed_times(times))
        return embedded

    def _embed_times(self, times: Tensor) -> Tensor:
        half = self.embed_dim // 2
        steps = torch.arange(half, dtype=times.dtype, device=times.device) / half
        angles = times[..., None] * torch.exp(-math.log(LONGEST_S) * steps)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)
