"""Pretrain an encoder on a corpus: statistics, steps, watching, checkpoints."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from neurograft.config import PretrainingConfig
from neurograft.models.encoder import Encoder, EncoderConfig, Tokens
from neurograft.pretraining.corpus import (
    Subject,
    WindowBatch,
    draw_windows,
    read_batch,
)
from neurograft.pretraining.mae import MaskedAutoencoder, masked_loss
from neurograft.pretraining.masking import Masking, mask_at_random
from neurograft.training.checkpoints import load_checkpoint, read_facts, save_checkpoint
from neurograft.training.loop import Recipe, make_optimizer, train
from neurograft.types import Arrays, Progress, no_progress
from neurograft.windows.store import SignalStore

# Windows that measure the tokeniser's statistics, and those that watch learning.
N_STATISTICS_WINDOWS = 512
N_WATCHED_WINDOWS = 128
WATCH_EVERY = 50
MIN_SPECTRUM_SD = 1e-3


@dataclass(frozen=True)
class Corpus:
    """Stores, the people to learn from and those left out to watch."""

    stores: Sequence[SignalStore]
    subjects: Sequence[Subject]
    left_out: Sequence[Subject]
    n_times: int

    def draw(
        self, n_windows: int, seed: Sequence[int], *, watched: bool
    ) -> WindowBatch:
        """Draw a batch that follows from the seed alone."""
        people = self.left_out if watched and self.left_out else self.subjects
        windows = draw_windows(
            people,
            self.stores,
            n_windows=n_windows,
            n_times=self.n_times,
            rng=np.random.default_rng(list(seed)),
        )
        return read_batch(windows, self.stores, n_times=self.n_times)


def build_encoder(
    corpus: Corpus, settings: PretrainingConfig, *, h_freq: float, seed: int
) -> Encoder:
    """Build an untrained encoder whose tokeniser knows the corpus's spectra.

    This is also the control that every pretrained encoder is compared with: same
    tokens, same random weights, no learning.
    """
    config = EncoderConfig.of_size(
        settings.size, sfreq=corpus.stores[0].sfreq, h_freq=h_freq
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = Encoder(config)
    batch = corpus.draw(N_STATISTICS_WINDOWS, (seed, 2), watched=False)
    tokens = tokenise(encoder, batch)
    spectra = tokens.spectra[~tokens.mask]
    encoder.set_spectrum_statistics(
        spectra.mean(0), spectra.std(0).clamp(min=MIN_SPECTRUM_SD)
    )
    return encoder.eval()


def tokenise(encoder: Encoder, batch: WindowBatch) -> Tokens:
    """Cut a batch into the encoder's tokens."""
    return encoder.tokenise(
        batch.signals,
        batch.positions,
        channel_mask=batch.channel_mask,
        scale=batch.scale,
    )


def pretrain(
    encoder: Encoder,
    corpus: Corpus,
    settings: PretrainingConfig,
    *,
    seed: int,
    checkpoint: Path,
    fingerprint: str,
    progress: Progress = no_progress,
) -> tuple[MaskedAutoencoder, list[dict[str, float]]]:
    """Pretrain in place; goes on from the checkpoint if it is of the same stage.

    Every batch and mask follows from the seed and the step, so an interrupted and
    resumed pretraining ends with the same weights, bit for bit.

    Args:
        encoder: From `build_encoder`.
        corpus: Whom to learn from.
        settings: Objective, length, schedule.
        seed: Seed of everything random.
        checkpoint: File to resume from and to save to.
        fingerprint: Of the stage; a checkpoint of another stage is ignored.
        progress: Called after every step.

    Returns:
        The model with its decoder, and what was measured along the way.
    """
    model = _build_model(encoder, settings, seed)
    recipe = Recipe(settings.steps, settings.learning_rate, settings.weight_decay)
    optimizer = make_optimizer(model, recipe)
    first_step, history, losses = _resume(checkpoint, fingerprint, model, optimizer)
    watch = _Watch(model, corpus, settings, seed)
    journal = _Journal(
        model, optimizer, watch, settings, checkpoint, fingerprint, progress,
        history, losses, first_step,
    )  # fmt: skip

    def compute_loss(step: int) -> Tensor:
        batch = corpus.draw(settings.batch_size, (seed, 3, step), watched=False)
        tokens = tokenise(encoder, batch)
        loss: Tensor = model(tokens, draw_mask(tokens, settings, seed=seed + 7 * step))
        return loss

    train(
        model, optimizer, recipe, compute_loss=compute_loss,
        after_step=journal.after_step, first_step=first_step,
    )  # fmt: skip
    model.eval()
    return model, history


def _resume(
    checkpoint: Path,
    fingerprint: str,
    model: MaskedAutoencoder,
    optimizer: torch.optim.AdamW,
) -> tuple[int, list[dict[str, float]], list[float]]:
    """Step to go on from, the history up to it, and the losses since its last row."""
    if not checkpoint.is_file() or read_facts(checkpoint)["fingerprint"] != fingerprint:
        return 0, [], []
    facts = load_checkpoint(checkpoint, model, optimizer)
    return int(facts["next_step"]), facts["history"], facts["losses"]


def _build_model(
    encoder: Encoder, settings: PretrainingConfig, seed: int
) -> MaskedAutoencoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return MaskedAutoencoder(encoder, target=settings.target)


def draw_mask(tokens: Tokens, settings: PretrainingConfig, *, seed: int) -> Masking:
    """Draw the mask of a batch from a seed."""
    return mask_at_random(
        tokens.mask,
        mask_ratio=settings.mask_ratio,
        n_queries=settings.n_queries,
        generator=torch.Generator().manual_seed(seed),
    )


@dataclass
class _Journal:
    """Writes down what happens: history, checkpoints, progress."""

    model: MaskedAutoencoder
    optimizer: torch.optim.AdamW
    watch: "_Watch"
    settings: PretrainingConfig
    checkpoint: Path
    fingerprint: str
    progress: Progress
    history: list[dict[str, float]]
    losses: list[float]
    first_step: int
    started: float = field(default_factory=time.monotonic)

    def after_step(self, step: int, loss: float) -> None:
        self.losses.append(loss)
        done, total = step + 1, self.settings.steps
        if done == total or done % WATCH_EVERY == 0:
            mean = float(np.mean(self.losses))
            rate = self.optimizer.param_groups[0]["lr"]
            row = {"step": done, "loss": mean} | self.watch.measure()
            self.history.append(row | {"learning_rate": rate})
            self.losses.clear()
        if done == total or done % self.settings.checkpoint_every == 0:
            facts = {
                "fingerprint": self.fingerprint,
                "next_step": done,
                "history": self.history,
                "losses": self.losses,
            }
            save_checkpoint(self.checkpoint, self.model, self.optimizer, facts)
        windows = (done - self.first_step) * self.settings.batch_size
        speed = windows / (time.monotonic() - self.started)
        self.progress(f"pretraining ({speed:.0f} windows/s)", done, total)


class _Watch:
    """Fixed windows of left-out people: is the model better than the mean?"""

    def __init__(
        self,
        model: MaskedAutoencoder,
        corpus: Corpus,
        settings: PretrainingConfig,
        seed: int,
    ) -> None:
        batch = corpus.draw(N_WATCHED_WINDOWS, (seed, 4), watched=True)
        self.model = model
        self.tokens = tokenise(model.encoder, batch)
        self.masking = draw_mask(self.tokens, settings, seed=seed)
        target = model.find_target(self.tokens, self.masking)
        real = target[~self.masking.query_mask]
        mean = real.mean(0).expand_as(target)
        self.mean_loss = masked_loss(mean, target, self.masking).item()

    def measure(self) -> dict[str, float]:
        """Loss on the watched windows, beside that of predicting their mean."""
        self.model.eval()
        with torch.no_grad():
            loss = self.model(self.tokens, self.masking).item()
        return {"watched_loss": loss, "predict_mean_loss": self.mean_loss}


def reconstruct_example(
    model: MaskedAutoencoder, corpus: Corpus, settings: PretrainingConfig, *, seed: int
) -> Arrays:
    """One window of a watched person, what was hidden, and what was predicted of it.

    Returns:
        Arrays: `signals` (n_channels, n_times) microvolts; `positions`; `hidden`
        (n_channels, n_patches); `original` and `predicted` targets
        (n_channels, n_patches, n_outputs), predictions for hidden patches only.
    """
    batch = corpus.draw(1, (seed, 5), watched=True)
    tokens = tokenise(model.encoder, batch)
    everything = settings.model_copy(update={"n_queries": tokens.mask.shape[1]})
    masking = draw_mask(tokens, everything, seed=seed)
    with torch.no_grad():
        predicted = model.predict(tokens, masking)[0].numpy()
    n_channels = batch.signals.shape[1]
    ids = masking.ids_query[0].numpy()
    original = tokens.spectra if model.target == "log-spectrum" else tokens.waveforms
    truth = original[0].numpy()
    filled, hidden = truth.copy(), np.zeros(len(truth), dtype=bool)
    filled[ids], hidden[ids] = predicted, True
    return {
        "signals": batch.signals[0].numpy(),
        "positions": batch.positions[0].numpy(),
        "hidden": hidden.reshape(n_channels, -1),
        "original": truth.reshape(n_channels, -1, truth.shape[1]),
        "predicted": filled.reshape(n_channels, -1, truth.shape[1]),
    }
