"""Watch an encoder learn, on people left out of pretraining.

No downstream label is looked at: only the signals themselves, and age and sex of the
pretraining people where a table says them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from threadpoolctl import threadpool_limits
from torch import Tensor

from neurograft.models.encoder import Encoder
from neurograft.models.region_pooling import weigh_tokens
from neurograft.montage.regions import weigh_regions
from neurograft.pretraining.corpus import Corpus, Drawn
from neurograft.pretraining.objectives.mixture import Mixture, average_measures
from neurograft.pretraining.recognition import (
    N_WINDOWS,
    draw_halves,
    find_recognised,
)
from neurograft.training.parallel import count_threads, map_threads
from neurograft.training.precision import autocast
from neurograft.types import FloatArray

# Windows of the people who are learned from, and of those left out. Chosen here: a look
# must take seconds.
N_LEARNED, N_WATCHED = 192, 96
# Edges of delta, theta, alpha and two halves of beta, Hz. Chosen here.
BAND_EDGES_HZ = (1, 4, 8, 13, 20, 45)
# Penalty of the probes, as a share of the number of features. Chosen here.
PROBE_PENALTY = 0.3
# A probe of age or sex needs so many windows with a known value on either side.
# Chosen here.
MIN_KNOWN = 24
# Embeddings vary less than this: they have collapsed (1 would be a sphere). Chosen
# here: untrained encoders have about 0.35, and the best spectral probes were seen at
# 0.17.
COLLAPSED_SD = 0.1
# Losses above this share of the loss of predicting the mean: nothing was learned.
# Chosen here.
UNLEARNED_SHARE = 0.95


def find_rank(embedded: Float[np.ndarray, "n dim"]) -> float:
    """Return RankMe: exp of the entropy of the singular values (Garrido 2023, eq. 3).

    Example:
        >>> round(find_rank(np.eye(5)), 6)
        5.0
    """
    values = np.linalg.svd(embedded, compute_uv=False)
    shares = values / values.sum() + 1e-12
    return float(np.exp(-(shares * np.log(shares)).sum()))


def find_spread(embedded: Float[np.ndarray, "n dim"]) -> float:
    """Return the mean SD of features of embeddings of length root `dim`.

    It is 1 for embeddings all over the sphere and 0 where they have collapsed.
    """
    length = np.linalg.norm(embedded, axis=1, keepdims=True)
    unit = embedded / np.maximum(length, 1e-12) * math.sqrt(embedded.shape[1])
    return float(unit.std(0).mean())


def probe_linearly(
    train_x: FloatArray, train_y: FloatArray, test_x: FloatArray
) -> FloatArray:
    """Predict by ridge regression on standardised features, in its dual form.

    Args:
        train_x: Features, `(n, d)`.
        train_y: Targets, `(n, k)`.
        test_x: Features to predict from, `(m, d)`.
    """
    mean, sd = train_x.mean(0), train_x.std(0) + 1e-6
    train, test = (train_x - mean) / sd, (test_x - mean) / sd
    centre = train_y.mean(0)
    kernel = train @ train.T + PROBE_PENALTY * train.shape[1] * np.eye(len(train))
    return np.asarray(
        centre + test @ train.T @ np.linalg.solve(kernel, train_y - centre)
    )


def find_r2(truth: FloatArray, predicted: FloatArray) -> float:
    """Return the share of variance explained, averaged over targets.

    Args:
        truth: Targets, shape `(n, n_targets)`.
        predicted: Predictions, of the same shape.
    """
    residual = ((truth - predicted) ** 2).sum(0)
    total = ((truth - truth.mean(0)) ** 2).sum(0) + 1e-12
    return float((1 - residual / total).mean())


@dataclass(frozen=True)
class Looked:
    """Windows of people, and the truth that probes are compared with.

    Attributes:
        drawn: Windows by montage size.
        bands: Log band power of every region, `(n, n_regions * n_bands)`.
        age: Years, NaN where unknown.
        sex: 1 female, 0 male, NaN where unknown.
    """

    drawn: list[Drawn]
    bands: FloatArray
    age: FloatArray
    sex: FloatArray

    @classmethod
    def at(cls, corpus: Corpus, drawn: list[Drawn]) -> "Looked":
        """Measure what probes will be asked about drawn windows."""
        facts = [
            corpus.facts[w.store][w.recording] for part in drawn for w in part.windows
        ]
        sex = [{"F": 1.0, "M": 0.0}.get(fact.sex, math.nan) for fact in facts]
        sfreq = corpus.stores[0].sfreq
        return cls(
            drawn,
            np.concatenate([measure_bands(part, sfreq=sfreq) for part in drawn]),
            np.array([fact.age for fact in facts]),
            np.array(sex),
        )


def measure_bands(drawn: Drawn, *, sfreq: float) -> FloatArray:
    """Measure log power of regions in bands, relative to the recording's scale.

    Returns:
        Shape `(n_windows, n_regions * n_bands)`.
    """
    batch = drawn.batch
    weights = np.stack([weigh_regions(places) for places in batch.positions.numpy()])
    scaled = batch.signals.numpy() / batch.scale.numpy()[:, None, None]
    power = np.abs(np.fft.rfft(scaled * np.hanning(scaled.shape[2]))) ** 2
    frequencies = np.fft.rfftfreq(scaled.shape[2], 1 / sfreq)
    bands = [
        power[..., (frequencies >= low) & (frequencies < high)].mean(-1)
        for low, high in pairwise(BAND_EDGES_HZ)
    ]
    regional = weights @ np.stack(bands, axis=-1)
    return np.asarray(np.log(regional + 1e-9).reshape(len(regional), -1))


def embed_drawn(
    encoder: Encoder, drawn: Sequence[Drawn], *, device: torch.device
) -> Float[np.ndarray, "n n_regions two_embed_dims"]:
    """Embed windows, pooled over seconds and by region."""

    def embed(part: Drawn) -> Tensor:
        batch = part.batch.to(device)
        with torch.inference_mode():
            with autocast(device):
                embedded: Tensor = encoder(batch)
            return weigh_tokens(batch.positions) @ embedded.float().mean(2)

    encoder.eval()
    pieces = [piece for part in drawn for piece in cut(part)]
    if device.type != "cpu":
        return np.concatenate([embed(piece).cpu().numpy() for piece in pieces])
    n = count_threads()
    groups = [pieces[first::n] for first in range(min(n, len(pieces)))]
    results = map_threads(lambda group: [embed(piece) for piece in group], groups)
    ordered = [results[i % len(groups)][i // len(groups)] for i in range(len(pieces))]
    return torch.cat(ordered).numpy()


def cut(drawn: Drawn, size: int = 16) -> list[Drawn]:
    """Cut drawn windows into small batches, which stay in the processor's cache."""
    return [
        Drawn(drawn.batch.select(slice(i, i + size)), drawn.windows[i : i + size])
        for i in range(0, len(drawn.windows), size)
    ]


class Watch:
    """Fixed windows of people left out, and of those learned from for the probes."""

    def __init__(
        self, corpus: Corpus, mixture: Mixture, *, seed: int, device: torch.device
    ) -> None:
        self.device = device
        self.learned = Looked.at(corpus, corpus.draw_mixed(N_LEARNED, (seed, 8)))
        self.watched = Looked.at(
            corpus, corpus.draw_mixed(N_WATCHED, (seed, 4), watched=True)
        )
        self.halves = draw_halves(corpus)
        generator = torch.Generator().manual_seed(seed)
        views = corpus.draw_mixed(
            N_WATCHED, (seed, 4), watched=True, n_views=mixture.n_views
        )
        self.examples = [mixture.prepare(view, generator) for view in views]

    def measure(self, mixture: Mixture, encoder: Encoder) -> dict[str, float]:
        """Measure the losses of the objective, and the encoder by rank and probes."""
        mixture.eval()
        with torch.no_grad(), autocast(self.device):
            rows = [
                mixture.compare(examples.to(self.device)) for examples in self.examples
            ]
        mixture.train()
        losses = average_measures(rows, [len(examples) for examples in self.examples])
        return losses | self.probe(encoder)

    def probe(self, encoder: Encoder) -> dict[str, float]:
        """Measure rank, spread, whom they recognise, and probes of frozen embeddings.

        The probes learn from windows of people who are learned from, and are tested on
        the people left out. One thread: the last digit would depend on their number.
        """
        train, test = (
            embed_drawn(encoder, looked.drawn, device=self.device)
            for looked in (self.learned, self.watched)
        )
        with threadpool_limits(1):
            measured = self._find(encoder, train, test)
        if self.halves:
            windows = embed_drawn(encoder, self.halves, device=self.device)
            people = windows.reshape(len(self.halves), N_WINDOWS, -1)
            measured["recognised"] = find_recognised(people)
        return measured

    def _find(
        self, encoder: Encoder, train: FloatArray, test: FloatArray
    ) -> dict[str, float]:
        last = test.mean(1)[:, encoder.config.embed_dim :]
        x, new = train.reshape(len(train), -1), test.reshape(len(test), -1)
        bands = probe_linearly(x, self.learned.bands, new)
        measured = {
            "rank": find_rank(last),
            "feature_sd": find_spread(last),
            "spectral_r2": find_r2(self.watched.bands, bands),
        }
        for name in ("age", "sex"):
            truth, asked = getattr(self.learned, name), getattr(self.watched, name)
            known, also = ~np.isnan(truth), ~np.isnan(asked)
            if min(known.sum(), also.sum()) >= MIN_KNOWN and asked[also].std() > 0:
                predicted = probe_linearly(x[known], truth[known][:, None], new[also])
                measured[f"{name}_r2"] = find_r2(asked[also][:, None], predicted)
        return measured | {"probe": score_probes(measured)}


def score_probes(measured: Mapping[str, float]) -> float:
    """Average the probes there are."""
    names = ("spectral_r2", "age_r2", "sex_r2")
    # A probe far below zero is as useless as one at zero.
    scores = [max(measured[name], 0.0) for name in names if name in measured]
    return sum(scores) / len(scores)


def judge(history: Sequence[Mapping[str, float]]) -> list[str]:
    """Return warnings in words: nothing learned, or embeddings collapsed."""
    last = history[-1]
    warnings = []
    if last["watched_loss"] > UNLEARNED_SHARE * last["predict_mean_loss"]:
        warnings.append(
            f"Pretraining learned next to nothing: its loss on people left out is "
            f"{last['watched_loss']:.3f}, that of predicting the mean is "
            f"{last['predict_mean_loss']:.3f}. Take more steps, another target or a "
            "higher learning_rate."
        )
    if last["feature_sd"] < COLLAPSED_SD:
        warnings.append(
            f"The embeddings have collapsed: their features vary by "
            f"{last['feature_sd']:.2f} where 1 is a sphere (rank {last['rank']:.0f}). "
            "Lower learning_rate, or mix in `mae`."
        )
    return warnings
