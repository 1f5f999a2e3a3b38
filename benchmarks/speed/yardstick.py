"""The yardstick: a plain ViT-MAE in PyTorch, as a careful reader of the paper has it.

Same data, same patches, same sizes, same masking and the same target as neurograft's
`tiny`; single precision, SDPA, LayerNorm, biases, a decoder of self-attention over all
patches (He 2021, section 3), a DataLoader with its defaults. Written for this
comparison from the paper; nobody's code is in it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

PATCH, N_BINS = 128, 45


class Windows(Dataset[Tensor]):
    """Windows of recordings kept as int16 `.npy`, `(n_times, n_channels)`."""

    def __init__(
        self, paths: Sequence[str], scales: Sequence[float], n_times: int, n: int
    ) -> None:
        self.signals = [np.load(path, mmap_mode="r") for path in paths]
        self.scales = scales
        self.n_times = n_times
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Tensor:
        rng = np.random.default_rng(index)
        number = rng.integers(len(self.signals))
        signal = self.signals[number]
        start = rng.integers(len(signal) - self.n_times + 1)
        window = signal[start : start + self.n_times].T.astype(np.float32)
        return torch.from_numpy(window * self.scales[number])


class Block(nn.Module):
    """Pre-norm transformer block of timm's ViT, by its textbook parts."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(
            nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Attend to everything, then transform each token."""
        batch, n, dim = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(batch, n, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(mixed.transpose(1, 2).reshape(batch, n, dim))
        return x + self.mlp(self.norm2(x))


class PlainMAE(nn.Module):
    """ViT-MAE over patches of one channel and one second; the target is spectral."""

    def __init__(self, n_channels: int, n_patches: int) -> None:
        super().__init__()
        dim, decoder_dim = 128, 96
        n = n_channels * n_patches
        self.embed = nn.Linear(PATCH + N_BINS, dim)
        self.pos = nn.Parameter(0.02 * torch.randn(1, n, dim))
        self.cls = nn.Parameter(torch.zeros(1, 1, dim))
        self.encoder = nn.Sequential(*(Block(dim, 4) for _ in range(4)))
        self.norm = nn.LayerNorm(dim)
        self.to_decoder = nn.Linear(dim, decoder_dim)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, decoder_dim))
        self.decoder_pos = nn.Parameter(0.02 * torch.randn(1, n + 1, decoder_dim))
        self.decoder = nn.Sequential(*(Block(decoder_dim, 3) for _ in range(2)))
        self.decoder_norm = nn.LayerNorm(decoder_dim)
        self.head = nn.Linear(decoder_dim, N_BINS)

    def forward(self, signals: Tensor, ratio: float = 0.75) -> Tensor:
        """Loss on the hidden patches."""
        patches = signals.reshape(len(signals), -1, PATCH)
        taper = torch.hann_window(PATCH)
        spectra = torch.fft.rfft(patches * taper).abs()[..., 1 : N_BINS + 1]
        spectra = torch.log(spectra + 1e-3)
        x = self.embed(torch.cat([patches, spectra], -1)) + self.pos
        batch, n, dim = x.shape
        n_keep = round(n * (1 - ratio))
        shuffle = torch.rand(batch, n).argsort(1)
        restore = shuffle.argsort(1)
        keep = shuffle[:, :n_keep, None].expand(-1, -1, dim)
        x = torch.cat([self.cls.expand(batch, -1, -1), x.gather(1, keep)], 1)
        x = self.to_decoder(self.norm(self.encoder(x)))
        masks = self.mask_token.expand(batch, n - n_keep, -1)
        full = torch.cat([x[:, 1:], masks], 1)
        full = full.gather(1, restore[..., None].expand(-1, -1, full.shape[2]))
        full = torch.cat([x[:, :1], full], 1) + self.decoder_pos
        predicted = self.head(self.decoder_norm(self.decoder(full)))[:, 1:]
        loss = (predicted - spectra).square().mean(-1)
        hidden = (restore >= n_keep).float()
        return (loss * hidden).sum() / hidden.sum()


class Yardstick:
    """Trains the plain model, step by step."""

    def __init__(self, dataset: Windows, n_channels: int, n_patches: int) -> None:
        self.model = PlainMAE(n_channels, n_patches)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3)
        self.batches = iter(DataLoader(dataset, batch_size=64))

    def step(self) -> None:
        """Read, forward, backward, update."""
        loss = self.model(next(self.batches))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    @property
    def n_parameters(self) -> int:
        """Parameters of encoder and decoder."""
        return sum(p.numel() for p in self.model.parameters())
