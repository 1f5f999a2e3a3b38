"""Several objectives at once, by weight; all teach the same encoder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurograft.models.encoder import Encoder
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.objectives.objective import Examples, Objective


@dataclass(frozen=True)
class MixedExamples:
    """Examples of each objective, made from the same drawn windows."""

    parts: tuple[Examples, ...]

    def split(self, n_parts: int) -> list["MixedExamples"]:
        """Cut each objective's examples."""
        cut = [part.split(n_parts) for part in self.parts]
        return [MixedExamples(tuple(parts)) for parts in zip(*cut, strict=True)]

    def to(self, device: torch.device) -> "MixedExamples":
        """Copy to a device."""
        return MixedExamples(tuple(part.to(device) for part in self.parts))

    @property
    def seeds(self) -> list[int]:
        """Return the seed of each objective's examples."""
        return [part.seed for part in self.parts]

    def __len__(self) -> int:
        return len(self.parts[0])


class Mixture(nn.Module):
    """Weighted sum of objectives; one alone is a mixture of one.

    Objectives that need two windows of a recording get both, the others the first.
    """

    def __init__(
        self, objectives: Mapping[str, Objective], weights: Mapping[str, float]
    ) -> None:
        super().__init__()
        modules = {k.replace("-", "_"): v for k, v in objectives.items()}
        self.objectives = nn.ModuleDict(modules)  # type: ignore[arg-type]
        self.weights = {name.replace("-", "_"): w for name, w in weights.items()}

    @property
    def members(self) -> list[tuple[str, Objective]]:
        """Return the objectives with their names."""
        return list(self.objectives.items())  # type: ignore[arg-type]

    @property
    def encoder(self) -> Encoder:
        """Return the encoder that learns."""
        return self.members[0][1].encoder

    @property
    def n_views(self) -> int:
        """Return how many windows must be drawn from each recording."""
        return max(objective.n_views for _, objective in self.members)

    def prepare(self, drawn: Drawn, generator: torch.Generator) -> MixedExamples:
        """Let every objective prepare its examples."""
        first = slice(None, None, self.n_views)
        single = Drawn(drawn.batch.select(first), drawn.windows[first])
        return MixedExamples(
            tuple(
                objective.prepare(drawn if objective.n_views > 1 else single, generator)
                for _, objective in self.members
            )
        )

    def respond(self, examples: MixedExamples) -> list[Tensor]:
        """Run the networks of every objective, each to shape `(batch, n_numbers)`."""
        pairs = zip(self.members, examples.parts, strict=True)
        return [objective.respond(part).float() for (_, objective), part in pairs]

    def judge(
        self, responses: Sequence[Tensor], seeds: Sequence[int]
    ) -> Float[Tensor, ""]:
        """Return the weighted sum of the losses of a whole batch.

        Args:
            responses: Of every objective, shape `(batch, n_numbers)`.
            seeds: Of every objective's examples.
        """
        losses = [
            self.weights[name] * objective.judge(response, seed)
            for (name, objective), response, seed in zip(
                self.members, responses, seeds, strict=True
            )
        ]
        return torch.stack(losses).sum()

    def compare(self, examples: MixedExamples) -> dict[str, float]:
        """Return the measures of all objectives, named from the second one on."""
        measures: dict[str, float] = {}
        for (name, objective), part in zip(self.members, examples.parts, strict=True):
            prefix = f"{name}_" if measures else ""
            measured = objective.compare(part)
            measures |= {prefix + key: value for key, value in measured.items()}
        return measures

    def follow(self, progress: float) -> None:
        """Let every objective do what is due after a step."""
        for _, objective in self.members:
            objective.follow(progress)


def average_measures(
    rows: Sequence[Mapping[str, float]], weights: Sequence[int]
) -> dict[str, float]:
    """Average measures over batches, weighted by their numbers of windows."""
    total = sum(weights)
    return {
        name: sum(row[name] * w for row, w in zip(rows, weights, strict=True)) / total
        for name in rows[0]
    }
