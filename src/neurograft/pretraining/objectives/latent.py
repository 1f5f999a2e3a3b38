"""Supervised by simulation: name the latents of simulated brains, whatever the device.

Source: pretraining on simulated signals (Grieger 2025 for sleep EEG; domain
randomisation, Tobin 2017). No recorded window is used; the corpus only lends its
statistics to the tokeniser and its people to watch.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.objectives.mae import Hiding
from neurograft.pretraining.objectives.whole_window import PooledPrediction
from neurograft.simulation.windows import LATENTS, simulate_windows

# Electrodes of a simulated cap: between these, the logarithm evenly. Chosen here.
N_CHANNELS = (8, 32)


def make_latent_objective(
    encoder: Encoder, *, hiding: Hiding, l_freq: float
) -> PooledPrediction:
    """Make the objective that draws its windows from the simulator.

    Args:
        encoder: The encoder that learns.
        hiding: Masks.
        l_freq: Lower band edge of harmonised signals, Hz.
    """
    config = encoder.config
    band = (l_freq, float(config.n_bins))

    def ask(
        drawn: Drawn, generator: torch.Generator
    ) -> tuple[WindowBatch, Float[Tensor, "batch n_targets"]]:
        rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
        low, high = N_CHANNELS
        n_channels = round(low * (high / low) ** rng.random())
        windows = simulate_windows(
            len(drawn.batch),
            n_channels=n_channels,
            n_times=drawn.batch.signals.shape[2],
            sfreq=config.patch_size,
            band=band,
            rng=rng,
        )
        batch = WindowBatch(
            torch.from_numpy(windows.signals),
            torch.from_numpy(windows.positions),
            torch.from_numpy(windows.scale),
            torch.zeros_like(drawn.batch.acquisition),
        )
        return batch, torch.from_numpy(windows.latents)

    return PooledPrediction(encoder, hiding=hiding, ask=ask, n_targets=len(LATENTS))
