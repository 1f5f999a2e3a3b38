"""From settings to an untrained encoder, and to the objectives that teach it."""

from collections.abc import Mapping

import torch
from torch import nn

from neurograft.config.pretraining import PretrainingConfig
from neurograft.config.study_file.own_class import find_own_class
from neurograft.errors import ConfigError
from neurograft.models.encoder import Encoder, EncoderConfig
from neurograft.pretraining.augmentations import ACQUISITION
from neurograft.pretraining.corpus import Corpus
from neurograft.pretraining.objectives.classical import (
    make_classical_objective,
    make_window_spectrum_objective,
)
from neurograft.pretraining.objectives.jepa import JointEmbedding
from neurograft.pretraining.objectives.latent import make_latent_objective
from neurograft.pretraining.objectives.lejepa import LatentEuclidean
from neurograft.pretraining.objectives.mae import Hiding, MaskedAutoencoder
from neurograft.pretraining.objectives.mixture import Mixture
from neurograft.pretraining.objectives.objective import Objective

# Windows that measure the tokeniser's statistics. Chosen here: 50 000 patches if they
# have ten channels and ten seconds.
N_STATISTICS_WINDOWS = 512
# A bin that hardly varies over the corpus is not blown up beyond this. Chosen here.
MIN_SPECTRUM_SD = 1e-3


def build_encoder(
    corpus: Corpus, settings: PretrainingConfig, *, h_freq: float, seed: int
) -> Encoder:
    """Build an untrained encoder whose tokeniser knows the corpus's spectra.

    This is also the control that every pretrained encoder is compared with: same
    tokens, same random weights, no learning.

    Args:
        corpus: Windows whose spectra are measured.
        settings: Size and tokens of the encoder.
        h_freq: Upper band edge of harmonised signals, Hz.
        seed: Of the weights and of the windows drawn.
    """
    config = EncoderConfig.of_size(
        settings.size,
        sfreq=corpus.stores[0].sfreq,
        h_freq=h_freq,
        tokens=settings.tokens,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = Encoder(config)
    spectra = [
        encoder.find_spectra(encoder.tokenise(drawn.batch).waveforms).flatten(0, 1)
        for drawn in corpus.draw_mixed(N_STATISTICS_WINDOWS, (seed, 2))
    ]
    everything = torch.cat(spectra)
    encoder.set_spectrum_statistics(
        everything.mean(0), everything.std(0).clamp(min=MIN_SPECTRUM_SD)
    )
    return encoder.eval()


def build_mixture(
    encoder: Encoder,
    corpus: Corpus,
    settings: PretrainingConfig,
    *,
    weights: Mapping[str, float],
    n_steps: int,
    l_freq: float,
    seed: int,
) -> Mixture:
    """Build the objectives of a stage around an encoder.

    Args:
        encoder: The encoder that learns.
        corpus: People to learn from.
        settings: Masks and targets.
        weights: Objectives by weight.
        n_steps: Steps of the stage; the teacher of `jepa` follows accordingly.
        l_freq: Lower band edge of harmonised signals, Hz.
        seed: Of the weights that are thrown away later.
    """
    hiding = Hiding(settings.mask, settings.mask_ratio, settings.n_queries)

    def build(name: str) -> Objective:
        if ":" in name:
            return _build_own(name, encoder, hiding)
        if name == "mae":
            return MaskedAutoencoder(encoder, target=settings.target, hiding=hiding)
        if name == "jepa":
            return JointEmbedding(encoder, hiding=hiding, n_steps=n_steps)
        if name == "lejepa":
            return LatentEuclidean(encoder, hiding=hiding, augmentation=ACQUISITION)
        if name == "latent":
            return make_latent_objective(encoder, hiding=hiding, l_freq=l_freq)
        if name == "classical":
            return make_classical_objective(encoder, corpus, hiding=hiding)
        return make_window_spectrum_objective(encoder, corpus, hiding=hiding, seed=seed)

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Mixture({name: build(name) for name in weights}, dict(weights.items()))


def _build_own(path: str, encoder: Encoder, hiding: Hiding) -> Objective:
    """Build an objective of the user's own.

    Raises:
        ConfigError: If it does not offer what an objective offers.
    """
    found = find_own_class(path)
    try:
        own = found(encoder, hiding=hiding)
    except TypeError as error:
        raise ConfigError(
            f"{path} must be a class that takes an encoder and hiding: {error}."
        ) from error
    is_whole = hasattr(own, "encoder") and hasattr(own, "n_views")
    if not (is_whole and isinstance(own, nn.Module) and isinstance(own, Objective)):
        raise ConfigError(
            f"{path} is no objective; it must be a torch module with `encoder`, "
            "`n_views`, `prepare`, `respond`, `judge`, `compare` and `follow`."
        )
    return own
