"""Convolutional networks from scratch: what pretraining has to beat at equal labels.

Written from the papers, for any number of channels and window lengths; time is averaged
before the last layer, which equals cropped training (Schirrmeister 2017). Kernels are
given in seconds of the papers' rates, so that a network means the same at 128 Hz.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def make_convnet(
    name: str, *, n_channels: int, n_outputs: int, sfreq: float
) -> nn.Module:
    """Build a network: signals `(batch, n_channels, n_times)` to `(batch, n_outputs)`.

    Args:
        name: One of `NETWORKS`.
        n_channels: Channels, always in the same order.
        n_outputs: Numbers per window.
        sfreq: Samples per second.
    """
    return NETWORKS[name](n_channels=n_channels, n_outputs=n_outputs, sfreq=sfreq)


class ShallowNet(nn.Module):
    """Band power by learned filters (Schirrmeister 2017, fig. 2): square, mean, log."""

    def __init__(self, *, n_channels: int, n_outputs: int, sfreq: float) -> None:
        super().__init__()
        kernel, self.pool = int(0.1 * sfreq), int(0.3 * sfreq)
        self.stride = max(1, int(0.06 * sfreq))
        self.time = nn.Conv1d(1, 40, kernel)
        self.space = nn.Conv2d(40, 40, (n_channels, 1), bias=False)
        self.norm = nn.BatchNorm1d(40)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(40, n_outputs)

    def forward(
        self, signals: Float[Tensor, "batch n_channels n_times"]
    ) -> Float[Tensor, "batch n_outputs"]:
        """Predict."""
        x = self.norm(filter_and_mix(self.time, self.space, signals))
        x = nn.functional.avg_pool1d(x.square(), self.pool, self.stride)
        x = self.drop(x.clamp_min(1e-6).log())
        scores: Tensor = self.head(x.mean(-1))
        return scores


class Deep4(nn.Module):
    """Four blocks of convolution and max-pooling (Schirrmeister 2017, fig. 1)."""

    def __init__(self, *, n_channels: int, n_outputs: int, sfreq: float) -> None:
        super().__init__()
        kernel = max(3, int(0.04 * sfreq))
        self.time = nn.Conv1d(1, 25, kernel)
        self.space = nn.Conv2d(25, 25, (n_channels, 1), bias=False)
        self.first = nn.Sequential(nn.BatchNorm1d(25), nn.ELU(), nn.MaxPool1d(3))
        blocks: list[nn.Module] = []
        for n_in, n_out in ((25, 50), (50, 100), (100, 200)):
            blocks += [
                nn.Dropout(0.5),
                nn.Conv1d(n_in, n_out, kernel, padding=kernel // 2, bias=False),
                nn.BatchNorm1d(n_out),
                nn.ELU(),
                nn.MaxPool1d(3, ceil_mode=True),
            ]
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(200, n_outputs)

    def forward(
        self, signals: Float[Tensor, "batch n_channels n_times"]
    ) -> Float[Tensor, "batch n_outputs"]:
        """Predict."""
        x = self.blocks(self.first(filter_and_mix(self.time, self.space, signals)))
        scores: Tensor = self.head(x.mean(-1))
        return scores


class EegNet(nn.Module):
    """EEGNet-8,2 (Lawhern 2018, table 2): depthwise and separable convolutions."""

    def __init__(self, *, n_channels: int, n_outputs: int, sfreq: float) -> None:
        super().__init__()
        kernel = int(sfreq / 2)
        self.time = nn.Sequential(
            nn.ZeroPad2d((kernel // 2, kernel - 1 - kernel // 2, 0, 0)),
            nn.Conv2d(1, 8, (1, kernel), bias=False),
        )
        self.norm_time = nn.BatchNorm2d(8)
        self.space = nn.Conv2d(8, 16, (n_channels, 1), groups=8, bias=False)
        self.after_space = nn.Sequential(
            nn.BatchNorm2d(16), nn.ELU(), nn.AvgPool2d((1, 4)), nn.Dropout(0.25)
        )
        self.separable = nn.Sequential(
            nn.ZeroPad2d((8, 7, 0, 0)),
            nn.Conv2d(16, 16, (1, 16), groups=16, bias=False),
            nn.Conv2d(16, 16, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ELU(),
            nn.AvgPool2d((1, 8)),
            nn.Dropout(0.25),
        )
        self.head = nn.Linear(16, n_outputs)

    def forward(
        self, signals: Float[Tensor, "batch n_channels n_times"]
    ) -> Float[Tensor, "batch n_outputs"]:
        """Predict."""
        x = self.norm_time(self.time(signals[:, None]))
        x = self.separable(self.after_space(self.space(x)))
        scores: Tensor = self.head(x.mean((2, 3)))
        return scores


class Tcn(nn.Module):
    """Temporal convolutional network for brain age (Gemein 2024; Bai 2018)."""

    def __init__(self, *, n_channels: int, n_outputs: int, sfreq: float) -> None:
        super().__init__()
        del sfreq  # dilations cover two seconds at any usual rate
        width, n_blocks = 32, 5
        self.blocks = nn.ModuleList(
            _Residual(n_channels if i == 0 else width, width, dilation=2**i)
            for i in range(n_blocks)
        )
        self.head = nn.Linear(width, n_outputs)

    def forward(
        self, signals: Float[Tensor, "batch n_channels n_times"]
    ) -> Float[Tensor, "batch n_outputs"]:
        """Predict."""
        x = signals
        for block in self.blocks:
            x = block(x)
        scores: Tensor = self.head(x.mean(-1))
        return scores


class _Residual(nn.Module):
    """Two causal dilated convolutions and a way around them (Bai 2018, fig. 1b)."""

    def __init__(self, n_in: int, n_out: int, *, dilation: int) -> None:
        super().__init__()
        kernel = 9
        self.pad = (kernel - 1) * dilation
        norm = nn.utils.parametrizations.weight_norm
        self.one = norm(nn.Conv1d(n_in, n_out, kernel, dilation=dilation))
        self.two = norm(nn.Conv1d(n_out, n_out, kernel, dilation=dilation))
        self.around = nn.Conv1d(n_in, n_out, 1) if n_in != n_out else nn.Identity()
        self.drop = nn.Dropout(0.2)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for convolve in (self.one, self.two):
            y = self.drop(torch.relu(convolve(nn.functional.pad(y, (self.pad, 0)))))
        return torch.relu(y + self.around(x))


def filter_and_mix(
    time: nn.Conv1d,
    space: nn.Conv2d,
    signals: Float[Tensor, "batch n_channels n_times"],
) -> Float[Tensor, "batch n_filters n_left"]:
    """Filter every channel in time, then mix the channels.

    Nothing stands between the two, so their weights are multiplied first and signals
    are convolved once (as `CombinedConv` of braindecode does): the same numbers and
    gradients, without a copy of every channel for every filter.
    """
    mixing = space.weight[..., 0]
    kernels = torch.einsum("ofc,fk->ock", mixing, time.weight[:, 0])
    bias = torch.einsum("ofc,f->o", mixing, time.bias)
    return nn.functional.conv1d(signals, kernels, bias)


# What `make_convnet` can build.
NETWORKS: dict[str, type[nn.Module]] = {
    "shallownet": ShallowNet, "deep4": Deep4, "eegnet": EegNet, "tcn": Tcn,
}  # fmt: skip
