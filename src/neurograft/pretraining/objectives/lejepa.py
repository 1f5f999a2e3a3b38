"""Two windows of one recording must look alike, all of them together like a Gaussian.

Source: LeJEPA (Balestriero and LeCun 2025): an invariance loss between views, and
SIGReg, which compares random projections of the embeddings with a standard normal by
the Epps-Pulley statistic. No teacher, no stopped gradient. Written from the paper.
"""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from neurograft.models.batches import interleave
from neurograft.models.encoder import Encoder
from neurograft.pretraining.augmentations import Augmentation, augment, drop_channels
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.objectives.mae import Hiding, hide
from neurograft.pretraining.objectives.objective import Examples, make_head, see_regions

# Weight of SIGReg; the invariance has the rest (LeJEPA, section 5).
REGULARISER_SHARE = 0.05
# Directions of projection; knots of the integral, and the last of them; width of the
# projected embedding. Chosen here: small ones, for small batches.
N_DIRECTIONS = 256
N_KNOTS = 17
LARGEST_KNOT = 3.0
PROJECTED_DIM = 64


def sigreg(
    embedded: Float[Tensor, "n dim"], directions: Float[Tensor, "dim n_directions"]
) -> Float[Tensor, ""]:
    """Return the distance of embeddings from a standard normal, 0 at the best.

    Epps-Pulley statistic (Epps 1983) divided by n, averaged over directions: the
    squared difference between the characteristic functions of the projections and of
    the normal, integrated with a Gaussian weight by the trapezoid rule.

    Args:
        embedded: One row per sample.
        directions: Unit vectors.
    """
    knots = torch.linspace(0, LARGEST_KNOT, N_KNOTS, device=embedded.device)
    normal = torch.exp(-0.5 * knots**2)
    phases = (embedded @ directions)[..., None] * knots
    squared = (phases.cos().mean(0) - normal) ** 2 + phases.sin().mean(0) ** 2
    # The integrand is even: twice the integral over positive knots.
    return 2 * torch.trapezoid(squared * normal, knots).mean()


class LatentEuclidean(nn.Module):
    """Encoder and projector; embeddings are pooled over visible tokens by region."""

    n_views = 2

    def __init__(
        self, encoder: Encoder, *, hiding: Hiding, augmentation: Augmentation
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.hiding = hiding
        self.augmentation = augmentation
        self.projector = make_head(encoder.config.embed_dim, PROJECTED_DIM)

    def prepare(self, drawn: Drawn, generator: torch.Generator) -> Examples:
        """Pass each view through another simulated amplifier, and hide patches."""
        strength = self.augmentation
        # Rows of one batch have as many channels each, so dropout comes first, for all.
        batch = drop_channels(
            drawn.batch, share=strength.channel_dropout, generator=generator
        )
        strength = replace(strength, channel_dropout=0.0)
        sfreq = self.encoder.config.patch_size
        views = [
            augment(
                batch.select(slice(view, None, self.n_views)),
                strength,
                sfreq=sfreq,
                generator=generator,
            )
            for view in range(self.n_views)
        ]
        batch = interleave(views)
        masking = hide(self.encoder, batch, self.hiding, generator)
        seed = int(torch.randint(2**31, (), generator=generator))
        return Examples(batch, masking, seed=seed)

    def respond(self, examples: Examples) -> Float[Tensor, "batch n_numbers"]:
        """Return projected embeddings of the regions of each view."""
        projected: Tensor = self.projector(see_regions(self.encoder, examples)).float()
        return projected.flatten(1)

    def judge(
        self, responses: Float[Tensor, "batch n_numbers"], seed: int, /
    ) -> Float[Tensor, ""]:
        """Return the distance between views, plus that of each view from a normal."""
        invariance, regulariser = self.measure(responses, seed)
        return (1 - REGULARISER_SHARE) * invariance + REGULARISER_SHARE * regulariser

    def measure(
        self, responses: Float[Tensor, "batch n_numbers"], seed: int
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Return the squared distance between views, and n times SIGReg over views."""
        views = responses.reshape(
            len(responses) // self.n_views, self.n_views, -1, PROJECTED_DIM
        )
        invariance = (views - views.mean(1, keepdim=True)).square().mean()
        generator = torch.Generator().manual_seed(seed)
        directions = torch.randn(PROJECTED_DIM, N_DIRECTIONS, generator=generator)
        directions = functional.normalize(directions, dim=0).to(responses.device)
        flat = [view.flatten(0, 1) for view in views.unbind(1)]
        distances = [len(view) * sigreg(view, directions) for view in flat]
        return invariance, torch.stack(distances).mean()

    def compare(self, examples: Examples) -> dict[str, float]:
        """Return the distance between views beside that of recordings, and SIGReg."""
        responses = self.respond(examples)
        invariance, regulariser = self.measure(responses, examples.seed)
        spread = responses.reshape(len(responses), -1, PROJECTED_DIM).var(0).mean()
        return {
            "watched_loss": invariance.item(),
            "predict_mean_loss": 0.5 * spread.item(),
            "sigreg": regulariser.item(),
        }

    def follow(self, progress: float) -> None:
        """Do nothing."""
