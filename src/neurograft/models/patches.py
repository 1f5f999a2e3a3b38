"""Cut windows into patches, and take the spectrum of each."""

import torch
from jaxtyping import Float
from torch import Tensor

from neurograft.errors import ConfigError

# Amplitudes this far below the scale count as silence (log floor at -6.9). Chosen here.
AMPLITUDE_FLOOR = 1e-3


def patchify(
    windows: Float[Tensor, "batch n_channels n_times"], *, patch_size: int
) -> Float[Tensor, "batch n_patches patch_size"]:
    """Cut every channel into consecutive patches of equal length.

    Patches are ordered channel by channel, then by time, so patch ``i`` belongs
    to channel ``i // (n_times // patch_size)``.

    Args:
        windows: Signal in any unit.
        patch_size: Patch length in samples; must divide ``n_times``.

    Returns:
        The patches, in the unit of ``windows``.

    Raises:
        ConfigError: If ``patch_size`` does not divide ``n_times``.

    Example:
        >>> import torch
        >>> patchify(torch.zeros(2, 3, 8), patch_size=4).shape
        torch.Size([2, 6, 4])
    """
    batch, n_channels, n_times = windows.shape
    if n_times % patch_size:
        raise ConfigError(
            f"patch_size={patch_size} does not divide the window length of "
            f"{n_times} samples; choose one of its divisors."
        )
    return windows.reshape(batch, n_channels * (n_times // patch_size), patch_size)


def log_spectrum(
    patches: Float[Tensor, "batch n_patches patch_size"], *, n_bins: int
) -> Float[Tensor, "batch n_patches n_bins"]:
    """Return the log amplitude spectrum of patches, from one cycle per patch up.

    Hann window, amplitude spectrum, natural logarithm with a floor; the constant term
    is left out. A patch of one second gives bins 1, 2, ... Hz.

    Args:
        patches: Signal in units of the recording's scale.
        n_bins: Number of bins kept; at most half a patch.

    Returns:
        Log amplitude; 0 is about a sinusoid of half the recording's scale.
    """
    patch_size = patches.shape[-1]
    taper = torch.hann_window(patch_size, dtype=patches.dtype, device=patches.device)
    amplitude = torch.fft.rfft(patches * taper)[..., 1 : n_bins + 1].abs()
    return torch.log(amplitude * (2 / taper.sum()) + AMPLITUDE_FLOOR)
