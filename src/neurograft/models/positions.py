"""Features of a token's place and time: coordinates, never a channel's name."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

# Random Fourier features of xyz (Tancik 2020): number, and spread of the frequencies in
# radians per unit length. Chosen here: neighbouring electrodes must still look alike.
N_FREQUENCIES = 32
FREQUENCY_SD = 1.2 * math.pi
# Sinusoids of time (Vaswani 2017): number, and the longest period divided by 2 pi,
# seconds. Chosen here: much longer than a window.
N_TIME_FREQUENCIES = 32
LONGEST_S = 100.0
N_POSITION_FEATURES = 3 + 2 * N_FREQUENCIES
N_TIME_FEATURES = 2 * N_TIME_FREQUENCIES


class PositionFeatures(nn.Module):
    """Fourier features of the electrode's unit-sphere position, and of time in seconds.

    Nothing is learned here; the linear map that reads the features learns. Source:
    random Fourier features, Tancik 2020 eq. 5; coordinates instead of names as in REVE
    (2025); sinusoidal time as in Vaswani 2017, in seconds instead of indices.
    """

    frequencies: Tensor

    def __init__(self) -> None:
        super().__init__()
        # The frequencies are part of the architecture: fixed, whatever the seed.
        generator = torch.Generator().manual_seed(0)
        frequencies = FREQUENCY_SD * torch.randn(3, N_FREQUENCIES, generator=generator)
        self.register_buffer("frequencies", frequencies)

    def forward(
        self, coordinates: Float[Tensor, "batch n 3"], times: Float[Tensor, "batch n"]
    ) -> Float[Tensor, "batch n n_features"]:
        """Return features of positions (unit sphere) and of times (seconds)."""
        phases = coordinates @ self.frequencies
        steps = torch.arange(N_TIME_FREQUENCIES, dtype=times.dtype, device=times.device)
        speeds = torch.exp(-math.log(LONGEST_S) * steps / N_TIME_FREQUENCIES)
        angles = times[..., None] * speeds
        return torch.cat(
            [coordinates, phases.sin(), phases.cos(), angles.sin(), angles.cos()], -1
        )
