"""An encoder and an objective as users write them."""

import numpy as np
import torch
from torch import nn

from neurograft.pretraining.objectives.mae import MaskedAutoencoder


class Spectrum:
    """An encoder: log power of a few frequencies, mixed by weights."""

    sfreq, window_s = 128.0, 10.0

    def __init__(self, *, is_trained: bool, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.weights = np.eye(40) if is_trained else rng.standard_normal((40, 40))

    def embed(self, windows, *, ch_names, positions):
        assert windows.shape[1] == len(ch_names) == len(positions)
        power = np.abs(np.fft.rfft(windows, axis=-1))[..., 10:410] ** 2
        bins = np.log(power.reshape(*power.shape[:2], 40, 10).mean(-1) + 1e-9)
        return bins.mean(1) @ self.weights


class Flat(Spectrum):
    """No encoder: one number for all windows."""

    def embed(self, windows, *, ch_names, positions):
        return np.zeros(3)


class Half(nn.Module):
    """An objective: half the loss of the masked autoencoder."""

    def __init__(self, encoder, *, hiding):
        super().__init__()
        self.whole = MaskedAutoencoder(encoder, hiding=hiding)
        self.encoder, self.n_views = encoder, self.whole.n_views

    def prepare(self, drawn, generator):
        return self.whole.prepare(drawn, generator)

    def respond(self, examples):
        return self.whole.respond(examples)

    def judge(self, responses, seed, /):
        return self.whole.judge(responses, seed) / 2

    def compare(self, examples):
        return self.whole.compare(examples)

    def follow(self, progress):
        self.whole.follow(progress)


class Nothing:
    """Neither."""

    def __init__(self, *arguments, **settings):
        self.settings = torch.zeros(1)
