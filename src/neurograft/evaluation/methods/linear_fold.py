"""Fit the linear probes of a fold: all label vectors at once, remedies, stacks."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from neurograft.adaptation.label_shift import shift_to_mean
from neurograft.config.method_table import ADAPTERS, CHOOSERS, KNOWN_MEAN, WEIGHTERS
from neurograft.config.methods import split_block
from neurograft.evaluation.methods.adapter_choice import (
    CANDIDATES,
    Fitted,
    choose,
    leave_sites_out,
    score_losses,
    score_probabilities,
)
from neurograft.evaluation.methods.blending import SHARES, blend
from neurograft.evaluation.methods.calibration import OutputLine, fit_line, fit_sigmoid
from neurograft.evaluation.methods.mixture import OutputMixture, find_scale, stack_parts
from neurograft.evaluation.methods.preparation import prepare_block
from neurograft.evaluation.methods.problem import Question, decode, encode
from neurograft.evaluation.methods.site_weights import weigh_people
from neurograft.statistics.linear.partial_least_squares import (
    solve_partial_least_squares,
)
from neurograft.statistics.linear.solvers import (
    LOGISTIC,
    RIDGE,
    Family,
    fit_tuned,
    squared_loss,
)
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray, IntArray

# Two components: the best of ten readouts of untrained embeddings, on tasks that judge
# no pretraining (docs/pretraining.md, "The readout").
PARTIAL_LEAST_SQUARES = Family(
    solve_partial_least_squares, squared_loss, np.array([2.0])
)
# Penalty of the weights that combine stacked features.
STACK_PENALTY = np.array([1.0])


class Solved(NamedTuple):
    """A feature set as it was solved, without a remedy against a shift.

    Attributes:
        weights: Of the prepared features, intercept last, `(n_vectors, d + 1)`.
        line: From their outputs to log odds; None where outputs are final.
    """

    weights: FloatArray
    line: OutputLine | None


class LinearFold:
    """Linear probes of one fold, which fit each feature set once.

    What was learned is kept besides what was predicted: `solved` by feature set,
    `mixtures` and the final `lines` by method.

    Args:
        features: Matrix of every feature set, rows as in `Y`.
        Y: Label vectors, shape `(n_labels, n_rows)`.
        split: The fold.
        question: What is asked.
        learner: `linear` or `reduced`.
    """

    def __init__(
        self,
        features: Mapping[str, FloatArray],
        Y: FloatArray,
        split: Split,
        question: Question,
        learner: str = "linear",
    ) -> None:
        self.features, self.Y = features, Y
        self.split, self.question = split, question
        self.family = LOGISTIC if question.is_classification else RIDGE
        self.learner = learner if question.is_classification else "reduced"
        self.done: dict[str, Fitted] = {}
        self.choices: dict[str, IntArray] = {}
        self.shares: dict[str, FloatArray] = {}
        self.solved: dict[str, Solved] = {}
        self.mixtures: dict[str, OutputMixture] = {}
        self.lines: dict[str, OutputLine] = {}
        self.coded = self._encode(split.train)

    def predict(self, blocks: Sequence[str]) -> FloatArray:
        """Return linear predictors, `(n_problems, n_labels, n_test)`."""
        parts = [self.fit(block) for block in blocks]
        outputs = parts[0].outputs
        if len(parts) > 1:
            outputs = self._stack("+".join(blocks), parts)
        return np.asarray(outputs.reshape(-1, len(self.Y), outputs.shape[-1]))

    def predict_blend(self, name: str, blocks: Sequence[str]) -> FloatArray:
        """Return linear predictors of a blend, `(n_problems, n_labels, n_test)`."""
        people = len(self.split.train)
        n_smallest = np.full(len(self.coded), people / 2)
        if self.question.is_classification:
            n_cases = self.coded.sum(1)
            n_smallest = np.minimum(n_cases, people - n_cases)
        parts = [self.fit(block) for block in blocks]
        fixed = np.array([SHARES[block] for block in blocks])
        mixed, mixture = blend(parts, self.coded, n_smallest, fixed)
        # Label vectors of a problem lie together; the real one is the first of each.
        self.shares[name] = mixture.weights[:: len(self.Y)].mean(0)
        fit = fit_sigmoid if self.question.is_classification else fit_line
        line = fit(mixed.out_of_fold, self.coded)
        self.mixtures["+".join(blocks)], self.lines["+".join(blocks)] = mixture, line
        outputs = line.move(mixed).outputs
        return np.asarray(outputs.reshape(-1, len(self.Y), outputs.shape[-1]))

    def fit(self, block: str) -> Fitted:
        """Fit a feature set with the remedy after its @."""
        if block not in self.done:
            name, remedy = split_block(block)
            if remedy in CHOOSERS:
                self.done[block] = self._choose(name, remedy)
            elif remedy == KNOWN_MEAN:
                self.done[block] = self._move(self.fit(name))
            else:
                self.done[block] = self._solve(name, remedy)
        return self.done[block]

    def _encode(self, rows: IntArray) -> FloatArray:
        """Return the label vectors of all problems, one below the other."""
        question = self.question
        coded = encode(self.Y[:, rows], question.kind, question.n_classes)
        return np.asarray(coded.reshape(-1, len(rows)))

    def _solve(self, name: str, remedy: str) -> Fitted:
        """Prepare features, adapt or weigh, and fit."""
        split, question = self.split, self.question
        block = f"{name}@{remedy}" if remedy in ADAPTERS else name
        train, test = prepare_block(
            block,
            self.features,
            self.Y[0],
            split,
            people=question.people,
            learner=self.learner,
        )
        weights = None
        if remedy in WEIGHTERS:
            weights = weigh_people(
                remedy, train, test, self.Y, split, question.known_people
            )
        if weights is not None and weights.ndim > 1:
            weights = np.tile(weights, (len(self.coded) // len(self.Y), 1))
        is_reduced = self.learner == "reduced"
        fit = fit_tuned(
            train,
            self.coded,
            self.family if is_reduced else PARTIAL_LEAST_SQUARES,
            n_inner=question.n_inner,
            seed=split.seed,
            groups=question.clusters[split.train],
            sample_weight=weights,
        )
        plain = Fitted(fit.out_of_fold, fit.predict(test))
        line = None
        if not is_reduced:
            line = fit_sigmoid(plain.out_of_fold, self.coded, weights)
        if not remedy:
            self.solved[name] = Solved(fit.weights, line)
        return plain if line is None else line.move(plain)

    def _move(self, plain: Fitted) -> Fitted:
        """Move the predictions of every new site to its known mean label."""
        outputs = plain.outputs.copy()
        domain = self.question.known_people["domain"].to_numpy()
        tested = domain[self.split.test]
        for site in np.setdiff1d(tested, domain[self.split.train]):
            rows = np.flatnonzero(tested == site)
            known = self.Y[:, self.split.test[rows]].mean(1)
            outputs[:, rows] = shift_to_mean(outputs[:, rows], known)
        return plain._replace(outputs=outputs)

    def _choose(self, name: str, how: str) -> Fitted:
        """Fit all candidates and return the one that the rule prefers."""
        blocks = [f"{name}@{one}" if one else name for one in CANDIDATES]
        fitted = [self.fit(block) for block in blocks]
        if how == "auto-site":
            scores = self._try_sites(blocks)
        elif how == "auto-weighted":
            weights = self._weigh_for_choice(name)
            scores = np.stack(
                [
                    score_losses(
                        self.family.loss(self.coded, one.out_of_fold),
                        weights,
                        len(self.Y),
                    )
                    for one in fitted
                ]
            )
        else:
            shape = (-1, len(self.Y), len(self.split.test))
            scores = np.stack(
                [
                    score_probabilities(
                        how, decode(one.outputs.reshape(shape), self.question.kind)
                    )
                    for one in fitted
                ]
            )
        taken, self.choices[f"{name}@{how}"] = choose(scores, fitted)
        return taken

    def _weigh_for_choice(self, name: str) -> FloatArray:
        train, test = prepare_block(name, self.features, self.Y[0], self.split)
        weights = weigh_people(
            "discriminator", train, test, self.Y, self.split, self.question.known_people
        )
        return np.ones(len(train)) if weights is None else weights

    def _try_sites(self, blocks: Sequence[str]) -> FloatArray:
        """Return minus the loss on left-out training sites, by candidate."""
        rows = self.split.train
        domain = self.question.known_people["domain"].to_numpy()[rows]
        scores = np.zeros((len(blocks), len(self.Y)))
        for kept, tried in leave_sites_out(
            domain,
            self.Y[0, rows],
            is_classification=self.question.is_classification,
        ):
            inner = self.split._replace(train=rows[kept], test=rows[tried])
            fold = LinearFold(self.features, self.Y, inner, self.question, self.learner)
            for number, block in enumerate(blocks):
                losses = self.family.loss(self.coded[:, tried], fold.fit(block).outputs)
                scores[number] += score_losses(losses, np.ones(len(tried)), len(self.Y))
        return scores

    def _stack(self, name: str, parts: Sequence[Fitted]) -> FloatArray:
        """Combine feature sets by their out-of-fold outputs (Wolpert 1992)."""
        held_out, new = stack_parts(parts)
        centre, spread = find_scale(held_out)
        scaled = (held_out - centre[:, None]) / spread[:, None]
        weights = self.family.solve(scaled, self.coded, STACK_PENALTY, None)[0]
        mixture = OutputMixture(centre, spread, weights[:, :-1], weights[:, -1])
        self.mixtures[name] = mixture
        return mixture.mix(new)
