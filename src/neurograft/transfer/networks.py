"""Networks for labelled people: tuned encoders, and networks from scratch."""

from typing import Any

import torch
from torch import Tensor, nn

from neurograft.models.batches import WindowBatch
from neurograft.models.convnets import NETWORKS as CONVNETS
from neurograft.models.convnets import make_convnet
from neurograft.models.encoder import CLIP, Encoder
from neurograft.training.precision import autocast
from neurograft.transfer.attentive import AttentivePooling, MeanPooling
from neurograft.transfer.low_rank import add_adapters

# Networks of which only the pooling and the head learn.
ATTENTIVE = ("attentive", "random-attentive")


class TunedEncoder(nn.Module):
    """An encoder, pooled over channels and seconds, and a linear head."""

    def __init__(
        self, encoder: Encoder, n_outputs: int, *, is_attentive: bool = False
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.n_outputs = n_outputs
        width = 2 * encoder.config.embed_dim
        self.pooling = AttentivePooling(width) if is_attentive else MeanPooling()
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(width, n_outputs)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Return the outputs of every window, `(batch, n_outputs)`."""
        return self.answer(self.pool(batch))

    def pool(self, batch: WindowBatch) -> Tensor:
        """Return one normalised vector per window, `(batch, 2 * embed_dim)`."""
        with autocast(batch.signals.device):
            embedded = self.encoder(batch)
        pooled: Tensor = self.norm(self.pooling(embedded.float()))
        return pooled

    def answer(self, pooled: Tensor) -> Tensor:
        """Return outputs `(batch, n_outputs)` of vectors `(batch, width)`."""
        scores: Tensor = self.head(self.drop(pooled))
        return scores


class ReverseGradient(torch.autograd.Function):
    """Identity whose gradient is turned round (Ganin 2016, eq. 14 and 15)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ARG004
        """Return what comes in, of any shape."""
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ARG004
        """Return minus the gradient, of any shape."""
        return -gradient


class AdversarialEncoder(nn.Module):
    """A tuned encoder with a second head that names the site, and is worked against.

    The last `n_domains` outputs are the site's; what lies below is driven to make them
    useless (domain-adversarial training, Ganin 2016).
    """

    def __init__(self, tuned: TunedEncoder, n_domains: int) -> None:
        super().__init__()
        self.tuned = tuned
        self.n_outputs = tuned.n_outputs + n_domains
        width = tuned.norm.normalized_shape[0]
        self.site = nn.Sequential(
            nn.Linear(width, 64), nn.GELU(), nn.Linear(64, n_domains)
        )

    def forward(self, batch: WindowBatch) -> Tensor:
        """Return outputs `(batch, n_outputs)` of every window, the site's last."""
        pooled = self.tuned.pool(batch)
        reversed_: Tensor = ReverseGradient.apply(pooled)  # type: ignore[no-untyped-call]
        return torch.cat([self.tuned.answer(pooled), self.site(reversed_)], dim=1)


class ScaledConvnet(nn.Module):
    """A convolutional network on signals divided by their recording's scale."""

    def __init__(self, convnet: nn.Module, n_outputs: int) -> None:
        super().__init__()
        self.convnet = convnet
        self.n_outputs = n_outputs

    def forward(self, batch: WindowBatch) -> Tensor:
        """Return the outputs of every window, `(batch, n_outputs)`."""
        scaled = (batch.signals / batch.scale[:, None, None]).clamp(-CLIP, CLIP)
        scores: Tensor = self.convnet(scaled)
        return scores


def make_network(
    name: str,
    encoder: Encoder,
    *,
    n_channels: int,
    n_outputs: int,
    seed: int,
    n_domains: int = 0,
) -> nn.Module:
    """Build a network; the encoder given is not changed.

    Args:
        name: `fine-tuned` (all learns), `adversarial` (and the site is worked
            against), `partial` (the last two blocks), `lora`
            (adapters), `attentive` (only how tokens are pooled), `scratch` and
            `random-attentive` (all, and only the pooling, with random weights), or one
            of `neurograft.models.convnets`.
        encoder: Pretrained.
        n_channels: Channels of the windows.
        n_outputs: Numbers per window.
        seed: Of random weights.
        n_domains: Sites that `adversarial` tells apart; their outputs come last.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if name in CONVNETS:
            sfreq = float(encoder.config.patch_size)
            convnet = make_convnet(
                name, n_channels=n_channels, n_outputs=n_outputs, sfreq=sfreq
            )
            return ScaledConvnet(convnet, n_outputs)
        copy = Encoder(encoder.config)
        if name in ("scratch", "random-attentive"):
            copy.set_spectrum_statistics(encoder.spectrum_mean, encoder.spectrum_sd)
        else:
            copy.load_state_dict(encoder.state_dict())
        is_attentive = name in ATTENTIVE
        network = TunedEncoder(copy, n_outputs, is_attentive=is_attentive)
        if name == "lora":
            add_adapters(copy)
        elif is_attentive:
            copy.requires_grad_(False)
        elif name == "partial":
            copy.requires_grad_(False)
            for block in copy.blocks[-2:]:
                block.requires_grad_(True)
        elif name == "adversarial":
            return AdversarialEncoder(network, n_domains)
    return network


def group_parameters(
    network: nn.Module, *, rate: float, decay: float
) -> list[dict[str, object]]:
    """Group parameters by their learning rates; the first group is the head.

    Args:
        network: The network.
        rate: Learning rate of the head and the last block.
        decay: Rate of a block over that of the next; 1 is the same for all.
    """
    if isinstance(network, AdversarialEncoder):
        site = {"params": list(network.site.parameters()), "lr": rate}
        return [*group_parameters(network.tuned, rate=rate, decay=decay), site]
    if not isinstance(network, TunedEncoder):
        return [{"params": list(network.parameters()), "lr": rate}]
    encoder = network.encoder
    depth = len(encoder.blocks)
    above = (network.pooling, network.norm, network.head)
    groups: list[dict[str, object]] = [
        {"params": [p for part in above for p in part.parameters()], "lr": rate}
    ]
    in_blocks = set()
    for number, block in enumerate(encoder.blocks):
        learned = [p for p in block.parameters() if p.requires_grad]
        in_blocks |= {id(p) for p in block.parameters()}
        groups.append({"params": learned, "lr": rate * decay ** (depth - 1 - number)})
    rest = [
        p for p in encoder.parameters() if p.requires_grad and id(p) not in in_blocks
    ]
    groups.append({"params": rest, "lr": rate * decay**depth})
    return [group for group in groups if group["params"]]


def count_outputs(network: nn.Module) -> int:
    """Return how many numbers a network of `make_network` gives per window."""
    assert isinstance(network.n_outputs, int)
    return network.n_outputs
