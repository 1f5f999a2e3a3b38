"""Targets: what can be predicted of a hidden patch."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from neurograft.models.encoder import Encoder

Target = Literal["log-spectrum", "whitened", "waveform"]
# Waveform targets beyond this many scales are artefacts. Chosen here.
WAVEFORM_CLIP = 8.0


def count_target_numbers(encoder: Encoder, target: Target) -> int:
    """Return how many numbers are predicted per patch."""
    config = encoder.config
    return config.n_bins if target == "log-spectrum" else config.patch_size


def find_target(
    encoder: Encoder, waveforms: Float[Tensor, "batch n patch_size"], target: Target
) -> Float[Tensor, "batch n n_outputs"]:
    """Return log-spectra (standardised), waveforms, or whitened waveforms."""
    if target == "log-spectrum":
        return encoder.find_spectra(waveforms)
    if target == "waveform":
        return waveforms.clamp(-WAVEFORM_CLIP, WAVEFORM_CLIP)
    return whiten(encoder, waveforms).clamp(-WAVEFORM_CLIP, WAVEFORM_CLIP)


def whiten(
    encoder: Encoder, waveforms: Float[Tensor, "batch n patch_size"]
) -> Float[Tensor, "batch n patch_size"]:
    """Divide each frequency by the corpus's typical amplitude; unit variance.

    Without it the slowest waves are nearly all of the variance, and a loss on the
    waveform is a loss on them. Frequencies above the last bin are dropped.
    """
    n_bins, size = encoder.config.n_bins, encoder.config.patch_size
    spectrum = torch.fft.rfft(waveforms.float())
    kept = spectrum[..., 1 : n_bins + 1] * torch.exp(-encoder.spectrum_mean)
    flat = functional.pad(kept, (1, spectrum.shape[-1] - n_bins - 1))
    whitened: Tensor = torch.fft.irfft(flat, n=size)
    # A sinusoid of amplitude 1 has variance 1/2; n_bins of them, typical amplitude.
    return whitened / math.sqrt(n_bins / 2)
