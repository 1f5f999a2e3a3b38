"""Reconstruct what was hidden of a window of a person left out."""

from dataclasses import replace

import numpy as np
import torch

from neurograft.pretraining.corpus import Corpus
from neurograft.pretraining.objectives.mae import MaskedAutoencoder, hide
from neurograft.pretraining.objectives.mixture import Mixture
from neurograft.pretraining.objectives.objective import Examples
from neurograft.pretraining.objectives.targets import find_target
from neurograft.types import Arrays


def reconstruct_example(mixture: Mixture, corpus: Corpus, *, seed: int) -> Arrays:
    """Reconstruct a window: what was hidden of it, and what was predicted.

    Returns:
        Arrays: `signals` (n_channels, n_times) microvolts; `positions`; `hidden`
        (n_channels, n_patches); `original` and `predicted` targets
        (n_channels, n_patches, n_outputs), predictions for hidden patches only. Nothing
        if no objective reconstructs patches.
    """
    models = [
        objective
        for _, objective in mixture.members
        if isinstance(objective, MaskedAutoencoder)
    ]
    if not models:
        return {}
    model, encoder = models[0], models[0].encoder
    device = next(encoder.parameters()).device
    batch = corpus.draw(1, (seed, 5), watched=True).batch
    _, n_channels, n_times = batch.signals.shape
    n_patches = n_times // encoder.config.patch_size
    hiding = replace(model.hiding, n_queries=n_channels * n_patches)
    generator = torch.Generator().manual_seed(seed)
    masking = hide(encoder, batch, hiding, generator)
    examples = Examples(batch, masking).to(device)
    with torch.inference_mode():
        predicted, _ = model.predict(examples)
        tokens = encoder.tokenise(examples.batch)
        truth = find_target(encoder, tokens.waveforms, model.target)[0].cpu().numpy()
    ids = masking.ids_query[0].numpy()
    filled, hidden = truth.copy(), np.zeros(len(truth), dtype=bool)
    filled[ids], hidden[ids] = predicted[0].cpu().numpy(), True
    shape = (n_channels, n_patches)
    return {
        "signals": batch.signals[0].numpy(),
        "positions": batch.positions[0].numpy(),
        "hidden": hidden.reshape(shape),
        "original": truth.reshape(*shape, -1),
        "predicted": filled.reshape(*shape, -1),
    }
