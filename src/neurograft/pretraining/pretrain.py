"""Pretrain an encoder on a corpus: stages, steps, watching, checkpoints."""

import copy
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neurograft.config.pretraining import PretrainingConfig
from neurograft.models.encoder import Encoder
from neurograft.pretraining.build import build_mixture
from neurograft.pretraining.corpus import Corpus
from neurograft.pretraining.metrics_file import History
from neurograft.pretraining.monitoring import Watch
from neurograft.pretraining.objectives.mixture import MixedExamples, Mixture
from neurograft.training.averaging import find_momentum, update_average
from neurograft.training.checkpoints import (
    load_checkpoint,
    read_checkpoint_facts,
    save_checkpoint,
)
from neurograft.training.loop import Recipe, make_optimizer, train
from neurograft.training.parallel import (
    compute_gradients,
    count_processes,
    count_threads,
    torch_threads,
)
from neurograft.training.precision import autocast
from neurograft.types import Progress, no_progress

# A thread gets at least so many windows of a batch. Chosen here.
MIN_WINDOWS_PER_THREAD = 8
CPU = torch.device("cpu")


def _ignore(history: History) -> None:
    """Do nothing, for callers who only want the encoder."""


@dataclass(frozen=True)
class Place:
    """The files of a pretraining, and who is told of what it measures.

    Attributes:
        checkpoint: File to resume from and to save to.
        fingerprint: Of the stage; a checkpoint of another stage is ignored.
        report: Called with all that was measured so far, whenever something is.
    """

    checkpoint: Path
    fingerprint: str
    report: Callable[[History], None] = _ignore


def pretrain(
    encoder: Encoder,
    corpus: Corpus,
    settings: PretrainingConfig,
    *,
    seed: int,
    l_freq: float,
    place: Place,
    device: torch.device = CPU,
    progress: Progress = no_progress,
) -> tuple[Mixture, History]:
    """Pretrain in place; goes on from the checkpoint if it is of the same stage.

    Every batch and mask follows from the seed and the step, so an interrupted and
    resumed pretraining ends with the same weights, bit for bit, on as many threads.

    Args:
        encoder: From `build_encoder`; left with the moving average of its weights at
            the last step.
        corpus: People to learn from.
        settings: Objectives, length, schedule.
        seed: Seed of everything random.
        l_freq: Lower band edge of harmonised signals, Hz.
        place: Checkpoint file, and a function that is told what is measured.
        device: Device to compute on.
        progress: Called after every step.

    Returns:
        The last stage's objectives with their last weights, and what was measured.
    """
    encoder.to(device)
    stage_steps = _share_steps(settings.steps, len(settings.objectives))
    resumed = _find_resume(place)
    history: History = list(resumed["history"]) if resumed else []
    first_stage = int(resumed["stage"]) if resumed else 0
    given = (encoder, corpus, settings, seed, l_freq, place, device, progress)
    shared = (*given, history)
    for number in range(first_stage, len(stage_steps)):
        stage = (number, sum(stage_steps[:number]), stage_steps[number])
        run = _Run(*shared, *stage)
        mixture = run.learn(resumed if number == first_stage else None)
    encoder.load_state_dict(run.average.state_dict())
    encoder.eval()
    mixture.eval()
    return mixture, history


def _share_steps(n_steps: int, n_stages: int) -> list[int]:
    """Share steps among stages; the last has what is left over.

    Example:
        >>> _share_steps(11, 2)
        [5, 6]
    """
    each = n_steps // n_stages
    return [each] * (n_stages - 1) + [n_steps - each * (n_stages - 1)]


def _find_resume(place: Place) -> dict[str, Any] | None:
    """Return the facts of a checkpoint of this stage, None if there is none."""
    if not place.checkpoint.is_file():
        return None
    facts = read_checkpoint_facts(place.checkpoint)
    return facts if facts["fingerprint"] == place.fingerprint else None


@dataclass
class _Run:
    """One stage of a pretraining."""

    encoder: Encoder
    corpus: Corpus
    settings: PretrainingConfig
    seed: int
    l_freq: float
    place: Place
    device: torch.device
    progress: Progress
    history: History
    number: int
    steps_before: int
    n_steps: int
    losses: list[float] = field(default_factory=list)
    first_step: int = 0
    coming: "Future[list[MixedExamples]] | None" = None
    started: float = field(default_factory=time.monotonic)

    def learn(self, resumed: dict[str, Any] | None) -> Mixture:
        """Take the steps of the stage, from the first or from a checkpoint."""
        settings = self.settings
        self.mixture = build_mixture(
            self.encoder,
            self.corpus,
            settings,
            weights=settings.objectives[self.number],
            n_steps=self.n_steps,
            l_freq=self.l_freq,
            seed=self.seed + self.number,
        ).to(self.device)
        recipe = Recipe(
            self.n_steps,
            settings.learning_rate,
            settings.weight_decay,
            settings.schedule,
        )
        self.optimizer = make_optimizer(self.mixture, recipe)
        self.average = copy.deepcopy(self.mixture.encoder)
        if resumed:
            self._resume()
        self.watch = Watch(
            self.corpus, self.mixture, seed=self.seed, device=self.device
        )
        if self.steps_before + self.first_step == 0:
            self._look(0)
        with ThreadPoolExecutor(1) as self.ahead, torch_threads(1):
            train(
                self.mixture,
                self.optimizer,
                recipe,
                take_gradients=self._take_gradients,
                after_step=self._after_step,
                first_step=self.first_step,
            )
        return self.mixture

    def _resume(self) -> None:
        facts = load_checkpoint(self.place.checkpoint, self._modules(), self.optimizer)
        self.first_step = int(facts["next_step"])
        self.losses = facts["losses"]

    def _modules(self) -> dict[str, torch.nn.Module]:
        return {"mixture": self.mixture, "average": self.average}

    def _prepare(self, step: int) -> list[MixedExamples]:
        """Draw this process's share of a batch, cut into a part for every thread."""
        rank, n_processes = count_processes()
        at = self.steps_before + step
        drawn = self.corpus.draw(
            self.settings.batch_size, (self.seed, 3, at), n_views=self.mixture.n_views
        )
        generator = torch.Generator().manual_seed(self.seed + 7 * at)
        examples = self.mixture.prepare(drawn, generator)
        share = examples.split(n_processes)[rank].to(self.device)
        n_parts = min(count_threads(), len(share) // MIN_WINDOWS_PER_THREAD)
        return share.split(max(1, n_parts)) if self.device.type == "cpu" else [share]

    def _take_gradients(self, step: int) -> float:
        """Set the gradients of a step; meanwhile read and prepare the next."""
        parts = (self.coming or self.ahead.submit(self._prepare, step)).result()
        self.coming = None
        if step + 1 < self.n_steps:
            self.coming = self.ahead.submit(self._prepare, step + 1)
        return compute_gradients(
            self.mixture,
            parts,
            respond=self._respond,
            judge=lambda responses: self.mixture.judge(responses, parts[0].seeds),
        )

    def _respond(self, examples: MixedExamples) -> list[Tensor]:
        with autocast(self.device):
            return self.mixture.respond(examples)

    def _after_step(self, step: int, loss: float) -> None:
        done = step + 1
        self.mixture.follow(done / self.n_steps)
        horizon = self.settings.average_share * self.n_steps
        update_average(
            self.average,
            self.mixture.encoder,
            momentum=find_momentum(step, horizon=horizon),
        )
        self.losses.append(loss)
        is_last = done == self.n_steps
        is_first_process = count_processes()[0] == 0
        if is_first_process and (is_last or done % self.settings.watch_every == 0):
            self._look(done)
        if is_first_process and (is_last or done % self.settings.checkpoint_every == 0):
            self._save(done)
        taken = done - self.first_step
        speed = taken * self.settings.batch_size / (time.monotonic() - self.started)
        self.progress(
            f"pretraining ({speed:.0f} windows/s)",
            self.steps_before + done,
            self.settings.steps,
        )

    def _look(self, done: int) -> None:
        """Measure the encoder that would be saved now."""
        measured = self.watch.measure(self.mixture, self.average)
        row = {
            "step": self.steps_before + done,
            "stage": self.number,
            "loss": float(np.mean(self.losses or [measured["watched_loss"]])),
            "learning_rate": self.optimizer.param_groups[0]["lr"],
        }
        self.history.append(row | measured)
        self.losses.clear()
        self.place.report(self.history)

    def _save(self, done: int) -> None:
        facts = {
            "fingerprint": self.place.fingerprint,
            "stage": self.number,
            "next_step": done,
            "history": self.history,
            "losses": self.losses,
        }
        save_checkpoint(self.place.checkpoint, self._modules(), self.optimizer, facts)
