"""The encoder: windows of any montage in, one embedding per channel and second out."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurograft.errors import ConfigError
from neurograft.models.batches import Tokens, WindowBatch
from neurograft.models.patches import log_spectrum, patchify
from neurograft.models.positions import (
    N_POSITION_FEATURES,
    N_TIME_FEATURES,
    PositionFeatures,
)
from neurograft.models.transformer import Block, initialise, rms_norm

# embed_dim, depth, num_heads of each size. Chosen here: heads of 32 numbers (64 in
# "base"), and deeper where wider.
SIZES = {
    "nano": (96, 3, 3),
    "tiny": (128, 4, 4),
    "small": (256, 8, 8),
    "base": (512, 12, 8),
}
TokenKind = Literal["waveform", "spectrum", "both"]
# Values this many scales away from zero are clipped (REVE 2025).
CLIP = 15.0
# Standardised log-spectra are clipped here. Chosen here, in SDs: a flat
# second must not dominate.
SPECTRUM_CLIP = 8.0
# log_scale is centred on this. Chosen here: the order of magnitude of scalp EEG, in
# microvolts.
TYPICAL_SCALE_UV = 10.0
# Known of a device: rate, mains (50, 60), reference (ears, electrode, average, other).
N_FACTS = 7


@dataclass(frozen=True)
class EncoderConfig:
    """The architecture of an encoder.

    Attributes:
        embed_dim: Numbers per token.
        depth: Number of transformer blocks.
        num_heads: Attention heads; must divide `embed_dim`.
        patch_size: Samples per patch: one second.
        n_bins: Bins of the log-spectrum; one per hertz.
        tokens: Whether a token is made from the waveform, its spectrum, or both.
        n_registers: Extra tokens that belong to no patch (Darcet 2024).
    """

    embed_dim: int
    depth: int
    num_heads: int
    patch_size: int
    n_bins: int
    tokens: TokenKind = "both"
    n_registers: int = 4

    @classmethod
    def of_size(
        cls, size: str, *, sfreq: float, h_freq: float, tokens: TokenKind = "both"
    ) -> "EncoderConfig":
        """Make the config of a named size for one-second patches.

        Args:
            size: One of `SIZES`.
            sfreq: Sampling rate, Hz: the samples of a patch.
            h_freq: Upper band edge, Hz: the bins of a patch's spectrum.
            tokens: Whether a token is made from the waveform, its spectrum, or both.

        Raises:
            ConfigError: If the size is unknown or `sfreq` is not a whole number.
        """
        if size not in SIZES:
            raise ConfigError(f"There is no encoder size {size!r}; take {list(SIZES)}.")
        if sfreq != int(sfreq):
            raise ConfigError(
                f"sfreq={sfreq:g} Hz gives no whole number of samples in a patch of "
                "one second; choose a whole number."
            )
        return cls(
            *SIZES[size], patch_size=int(sfreq), n_bins=int(h_freq), tokens=tokens
        )


class Encoder(nn.Module):
    """Transformer over one-second patches of single channels, blind to channel names.

    A token is a linear map of its waveform plus one of its log-spectrum, plus one of
    position and time. One more token tells how it was recorded: the scale, which is
    divided out of the signal but not forgotten, and what is known of the device.
    """

    spectrum_mean: Tensor
    spectrum_sd: Tensor

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        dim = config.embed_dim
        self.config = config
        self.register_buffer("spectrum_mean", torch.zeros(config.n_bins))
        self.register_buffer("spectrum_sd", torch.ones(config.n_bins))
        if config.tokens != "spectrum":
            self.waveform_embed = nn.Linear(config.patch_size, dim, bias=False)
        if config.tokens != "waveform":
            self.spectrum_embed = nn.Linear(config.n_bins, dim, bias=False)
        self.position_features = PositionFeatures()
        self.place_embed = nn.Linear(N_POSITION_FEATURES, dim)
        self.time_embed = nn.Linear(N_TIME_FEATURES, dim, bias=False)
        self.acquisition_embed = nn.Linear(1 + N_FACTS, dim)
        self.registers = nn.Parameter(torch.empty(config.n_registers, dim))
        self.blocks = nn.ModuleList(
            Block(dim, config.num_heads) for _ in range(config.depth)
        )
        self.apply(initialise)
        nn.init.normal_(self.registers, std=0.02)

    def set_spectrum_statistics(
        self, mean: Float[Tensor, " n_bins"], sd: Float[Tensor, " n_bins"]
    ) -> None:
        """Fix the tokeniser's statistics: mean and SD of the corpus's log-spectra."""
        self.spectrum_mean.copy_(mean)
        self.spectrum_sd.copy_(sd)

    def tokenise(self, batch: WindowBatch) -> Tokens:
        """Cut windows into tokens, channel by channel, then by time.

        Raises:
            ConfigError: If the window is not a whole number of patches.
        """
        signals, size = batch.signals, self.config.patch_size
        scaled = (signals / batch.scale[:, None, None]).clamp_(-CLIP, CLIP)
        waveforms = patchify(scaled, patch_size=size)
        n_patches = signals.shape[2] // size
        seconds = torch.arange(n_patches, dtype=signals.dtype, device=signals.device)
        log_scale = torch.log(batch.scale / TYPICAL_SCALE_UV)
        return Tokens(
            waveforms,
            batch.positions.repeat_interleave(n_patches, dim=1),
            seconds.repeat(signals.shape[0], signals.shape[1]),
            torch.cat([log_scale[:, None], batch.acquisition], dim=1),
        )

    def find_spectra(
        self, waveforms: Float[Tensor, "batch n patch_size"]
    ) -> Float[Tensor, "batch n n_bins"]:
        """Return log-spectra, standardised per bin by the corpus."""
        raw = log_spectrum(waveforms.float(), n_bins=self.config.n_bins)
        spectra = (raw - self.spectrum_mean) / self.spectrum_sd
        return spectra.clamp(-SPECTRUM_CLIP, SPECTRUM_CLIP)

    def encode(self, tokens: Tokens) -> Float[Tensor, "batch n embed_dim"]:
        """Embed any subset of a window's tokens."""
        return rms_norm(self.run_blocks(tokens)[-1])

    def run_blocks(self, tokens: Tokens) -> list[Float[Tensor, "batch n embed_dim"]]:
        """Return the outputs of every block, one per patch, from the first block on."""
        patches = self._embed(tokens)
        batch, n, _ = patches.shape
        acquisition = self.acquisition_embed(tokens.acquisition)[:, None]
        registers = self.registers.expand(batch, -1, -1)
        x = torch.cat([patches, acquisition.float(), registers], dim=1)
        outputs = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x[:, :n])
        return outputs

    def _embed(self, tokens: Tokens) -> Tensor:
        features = self.position_features(tokens.coordinates, tokens.times)
        place, time = features.split([N_POSITION_FEATURES, N_TIME_FEATURES], dim=-1)
        x: Tensor = self.place_embed(place).float() + self.time_embed(time)
        if self.config.tokens != "spectrum":
            x = x + self.waveform_embed(tokens.waveforms)
        if self.config.tokens != "waveform":
            x = x + self.spectrum_embed(self.find_spectra(tokens.waveforms))
        return x

    def forward(
        self, batch: WindowBatch
    ) -> Float[Tensor, "batch n_channels n_patches two_embed_dims"]:
        """Embed whole windows for transfer.

        The output of the middle block stands before that of the last: what a frozen
        encoder knows is often in the middle, because the last block serves the
        pretraining objective.
        """
        outputs = self.run_blocks(self.tokenise(batch))
        middle = outputs[(len(outputs) - 1) // 2]
        both = torch.cat([rms_norm(middle), rms_norm(outputs[-1])], dim=-1)
        n_windows, n_channels, _ = batch.signals.shape
        return both.reshape(n_windows, n_channels, -1, 2 * self.config.embed_dim)
