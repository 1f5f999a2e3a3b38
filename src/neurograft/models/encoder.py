"""The encoder: windows of any montage in, one embedding per channel and second out."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from neurograft.errors import ConfigError
from neurograft.models.patches import log_spectrum, patchify
from neurograft.models.positions import PositionEmbedding
from neurograft.models.transformer import Block, initialise

# embed_dim, depth, num_heads of each size.
SIZES = {"nano": (96, 3, 3), "tiny": (128, 4, 4)}
# Values this many scales away from zero are clipped (REVE 2025).
CLIP = 15.0
# Standardised log-spectra are clipped here: a flat second must not dominate.
SPECTRUM_CLIP = 8.0
# log_scale is centred on a typical recording scale, in microvolts.
TYPICAL_SCALE_UV = 10.0


@dataclass(frozen=True)
class EncoderConfig:
    """Everything needed to build an encoder.

    Attributes:
        embed_dim: Numbers per token.
        depth: Number of transformer blocks.
        num_heads: Attention heads; must divide `embed_dim`.
        patch_size: Samples per patch: one second.
        n_bins: Bins of the log-spectrum; one per hertz.
        n_registers: Extra tokens that belong to no patch (Darcet 2024).
    """

    embed_dim: int
    depth: int
    num_heads: int
    patch_size: int
    n_bins: int
    n_registers: int = 4

    @classmethod
    def of_size(cls, size: str, *, sfreq: float, h_freq: float) -> "EncoderConfig":
        """Config of a named size for one-second patches.

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
        return cls(*SIZES[size], patch_size=int(sfreq), n_bins=int(h_freq))


@dataclass(frozen=True)
class Tokens:
    """Patches with their place and time, before embedding; any subset of a window.

    Attributes:
        waveforms: In units of the recording's scale, clipped.
        spectra: Log-spectra, standardised per bin by the corpus.
        coordinates: Electrode positions on the unit sphere.
        times: Start of the patch, seconds into the window.
        mask: True where there is no token (padding of smaller montages).
        log_scale: Log of the recording's scale over 10 microvolts.
    """

    waveforms: Float[Tensor, "batch n patch_size"]
    spectra: Float[Tensor, "batch n n_bins"]
    coordinates: Float[Tensor, "batch n 3"]
    times: Float[Tensor, "batch n"]
    mask: Bool[Tensor, "batch n"]
    log_scale: Float[Tensor, " batch"]

    def take(
        self, ids: Int[Tensor, "batch k"], mask: Bool[Tensor, "batch k"]
    ) -> "Tokens":
        """Pick tokens by index; `mask` is True where an index means nothing."""
        rows = torch.arange(ids.shape[0], device=ids.device)[:, None]
        return Tokens(
            self.waveforms[rows, ids],
            self.spectra[rows, ids],
            self.coordinates[rows, ids],
            self.times[rows, ids],
            mask,
            self.log_scale,
        )


class Encoder(nn.Module):
    """Transformer over waveform and spectral tokens, blind to channel names.

    A token is one channel for one second: a linear map of its waveform plus one of its
    log-spectrum, plus position and time. One more token tells the recording's scale,
    which is divided out of the signal but not forgotten.
    """

    spectrum_mean: Tensor
    spectrum_sd: Tensor

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        dim = config.embed_dim
        self.config = config
        self.register_buffer("spectrum_mean", torch.zeros(config.n_bins))
        self.register_buffer("spectrum_sd", torch.ones(config.n_bins))
        self.waveform_embed = nn.Linear(config.patch_size, dim)
        self.spectrum_embed = nn.Linear(config.n_bins, dim)
        self.pos_embed = PositionEmbedding(dim)
        self.scale_embed = nn.Linear(1, dim)
        self.registers = nn.Parameter(torch.empty(config.n_registers, dim))
        self.blocks = nn.ModuleList(
            Block(dim, config.num_heads) for _ in range(config.depth)
        )
        self.norm = nn.RMSNorm(dim)
        self.apply(initialise)
        nn.init.normal_(self.registers, std=0.02)

    def set_spectrum_statistics(
        self, mean: Float[Tensor, " n_bins"], sd: Float[Tensor, " n_bins"]
    ) -> None:
        """Fix the tokeniser's statistics: mean and SD of the corpus's log-spectra."""
        self.spectrum_mean.copy_(mean)
        self.spectrum_sd.copy_(sd)

    def tokenise(
        self,
        signals: Float[Tensor, "batch n_channels n_times"],
        positions: Float[Tensor, "batch n_channels 3"],
        *,
        channel_mask: Bool[Tensor, "batch n_channels"],
        scale: Float[Tensor, " batch"],
    ) -> Tokens:
        """Cut windows into tokens, channel by channel, then by time.

        Args:
            signals: Microvolts, average reference.
            positions: Unit sphere.
            channel_mask: True where a channel is padding.
            scale: One robust scale per recording, microvolts, positive.

        Raises:
            ConfigError: If the window is not a whole number of patches.
        """
        size = self.config.patch_size
        scaled = (signals / scale[:, None, None]).clamp(-CLIP, CLIP)
        waveforms = patchify(scaled, patch_size=size)
        raw = log_spectrum(waveforms, n_bins=self.config.n_bins)
        spectra = (raw - self.spectrum_mean) / self.spectrum_sd
        n_patches = signals.shape[2] // size
        seconds = torch.arange(n_patches, dtype=signals.dtype, device=signals.device)
        return Tokens(
            waveforms,
            spectra.clamp(-SPECTRUM_CLIP, SPECTRUM_CLIP),
            positions.repeat_interleave(n_patches, dim=1),
            seconds.repeat(signals.shape[0], signals.shape[1]),
            channel_mask.repeat_interleave(n_patches, dim=1),
            torch.log(scale / TYPICAL_SCALE_UV),
        )

    def encode(self, tokens: Tokens) -> Float[Tensor, "batch n embed_dim"]:
        """Embed any subset of a window's tokens; masked ones influence nothing."""
        normed: Tensor = self.norm(self._run_blocks(tokens)[-1])
        return normed

    def _run_blocks(self, tokens: Tokens) -> list[Tensor]:
        """Outputs of every block, without the scale and register tokens."""
        x = (
            self.waveform_embed(tokens.waveforms)
            + self.spectrum_embed(tokens.spectra)
            + self.pos_embed(tokens.coordinates, tokens.times)
        )
        batch, n, _ = x.shape
        scale = self.scale_embed(tokens.log_scale[:, None])[:, None]
        x = torch.cat([x, scale, self.registers.expand(batch, -1, -1)], dim=1)
        mask = None
        if tokens.mask.any():
            extra = tokens.mask.new_zeros(batch, x.shape[1] - n)
            mask = torch.cat([tokens.mask, extra], dim=1)
        outputs = []
        for block in self.blocks:
            x = block(x, None, mask)
            outputs.append(x[:, :n])
        return outputs

    def forward(
        self,
        signals: Float[Tensor, "batch n_channels n_times"],
        positions: Float[Tensor, "batch n_channels 3"],
        *,
        channel_mask: Bool[Tensor, "batch n_channels"],
        scale: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch n_channels n_patches two_embed_dims"]:
        """Embed whole windows for transfer; arguments as in `tokenise`.

        The output of the middle block stands before that of the last: what a frozen
        encoder knows is often in the middle, because the last block serves the
        pretraining target.
        """
        tokens = self.tokenise(
            signals, positions, channel_mask=channel_mask, scale=scale
        )
        outputs = self._run_blocks(tokens)
        middle = functional.rms_norm(
            outputs[(len(outputs) - 1) // 2], (self.config.embed_dim,)
        )
        both = torch.cat([middle, self.norm(outputs[-1])], dim=-1)
        batch, n_channels, _ = signals.shape
        return both.reshape(batch, n_channels, -1, 2 * self.config.embed_dim)
