"""The same brain through another amplifier: changes that must not change the answer.

Each function takes windows and a source of randomness and returns windows; the signals
of the batch given are left as they are. Filters act on the whole window at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import starmap

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from neurograft.models.batches import WindowBatch

# Corners drawn for the band limits, Hz: a first-order high-pass and a second-order
# low-pass. Chosen here: either side of the default band, 0.5 to 45 Hz.
HIGH_PASS_HZ = (0.05, 1.5)
LOW_PASS_HZ = (25.0, 100.0)
# Rates of original recordings, of which half is the highest frequency left, Hz. Chosen
# here: up to the default rate of the store.
RATES_HZ = (80.0, 128.0)
# The two frequencies of mains.
MAINS_HZ = (50.0, 60.0)


@dataclass(frozen=True)
class Augmentation:
    """The strengths of changes to an acquisition; probabilities are per batch.

    Sources: channel dropout and coordinate noise, REVE (2025), 10 % and 0.0025 to 0.03;
    surrogates with random phases, Rommel 2022 and OTiS (2024).

    Attributes:
        channel_dropout: Largest share of channels left out.
        rereference: Probability of another reference.
        gain_sd: SD of the log gain of each channel.
        coordinate_sd: SD of the jitter of positions, radians.
        band_limit: Probability of other band limits.
        resampling: Probability of a lower original rate.
        line_noise: Amplitude of mains left over, in units of the scale.
        acquisition_dropout: Probability of not telling the device.
    """

    channel_dropout: float = 0.0
    rereference: float = 0.0
    gain_sd: float = 0.0
    coordinate_sd: float = 0.0
    band_limit: float = 0.0
    resampling: float = 0.0
    line_noise: float = 0.0
    acquisition_dropout: float = 0.0


# Cheap, and harmless to any target: for masked modelling. Chosen here.
GENTLE = Augmentation(coordinate_sd=0.03, acquisition_dropout=0.5)
# Views of one recording as two devices would have written it: for joint embedding.
# Chosen here.
ACQUISITION = Augmentation(
    channel_dropout=0.2,
    rereference=0.3,
    gain_sd=0.1,
    coordinate_sd=0.03,
    band_limit=0.3,
    resampling=0.3,
    line_noise=0.05,
    acquisition_dropout=0.5,
)


def augment(
    batch: WindowBatch,
    strength: Augmentation,
    *,
    sfreq: float,
    generator: torch.Generator,
) -> WindowBatch:
    """Change the acquisition of a batch of windows at random.

    Args:
        batch: Windows.
        strength: Strength of every change.
        sfreq: Sampling rate, Hz.
        generator: Source of randomness.
    """

    def happens(probability: float) -> bool:
        return probability > 0 and _uniform(generator, 0, 1) < probability

    at = {"sfreq": sfreq}
    dropout = strength.channel_dropout
    changes: tuple[tuple[bool, Callable[..., WindowBatch], dict[str, float]], ...] = (
        (dropout > 0, drop_channels, {"share": dropout}),
        (strength.gain_sd > 0, jitter_gain, {"sd": strength.gain_sd}),
        (happens(strength.rereference), rereference, {}),
        (happens(strength.band_limit), limit_band, at),
        (happens(strength.resampling), lower_rate, at),
        (strength.line_noise > 0, add_line_noise, at | {"size": strength.line_noise}),
        (strength.coordinate_sd > 0, jitter_positions, {"sd": strength.coordinate_sd}),
        (happens(strength.acquisition_dropout), forget_acquisition, {}),
    )
    for is_wanted, change, settings in changes:
        if is_wanted:
            batch = change(batch, generator=generator, **settings)
    return batch


def drop_channels(
    batch: WindowBatch, *, share: float, generator: torch.Generator
) -> WindowBatch:
    """Leave out up to a share of the channels, others in every window."""
    n_windows, n_channels, _ = batch.positions.shape
    n_dropped = int(_uniform(generator, 0, 1) * (share * n_channels + 1))
    n_kept = max(1, n_channels - n_dropped)
    order = torch.rand(n_windows, n_channels, generator=generator).argsort(1)
    kept = order[:, :n_kept].sort(1).values[..., None]
    return replace(
        batch,
        signals=batch.signals.gather(1, kept.expand(-1, -1, batch.signals.shape[2])),
        positions=batch.positions.gather(1, kept.expand(-1, -1, 3)),
    )


def jitter_gain(
    batch: WindowBatch, *, sd: float, generator: torch.Generator
) -> WindowBatch:
    """Give every channel another gain."""
    noise = torch.randn(batch.signals.shape[:2], generator=generator)
    return replace(batch, signals=batch.signals * torch.exp(sd * noise)[..., None])


def rereference(batch: WindowBatch, *, generator: torch.Generator) -> WindowBatch:
    """Subtract the mean of some channels: of one, or of any number."""
    n_windows, n_channels, _ = batch.signals.shape
    order = torch.rand(n_windows, n_channels, generator=generator)
    n_reference = int(_uniform(generator, 0, 1) ** 2 * n_channels) + 1
    chosen = (order.argsort(1).argsort(1) < n_reference).to(batch.signals.dtype)
    weights = chosen / chosen.sum(1, keepdim=True)
    reference = weights[:, None] @ batch.signals
    return replace(batch, signals=batch.signals - reference)


def limit_band(
    batch: WindowBatch, *, sfreq: float, generator: torch.Generator
) -> WindowBatch:
    """Pass through an amplifier with other corners."""
    frequencies = _frequencies(batch, sfreq)
    high_pass, low_pass = starmap(
        lambda low, high: low * (high / low) ** _uniform(generator, 0, 1),
        (HIGH_PASS_HZ, LOW_PASS_HZ),
    )
    ratio = frequencies / high_pass
    response = ratio / torch.sqrt(1 + ratio**2)
    response = response / torch.sqrt(1 + (frequencies / low_pass) ** 4)
    return _filter(batch, response)


def lower_rate(
    batch: WindowBatch, *, sfreq: float, generator: torch.Generator
) -> WindowBatch:
    """Take away what a lower original rate could not have held."""
    highest = _uniform(generator, *RATES_HZ) / 2
    return _filter(batch, (_frequencies(batch, sfreq) < highest).float())


def shift_phases(
    batch: WindowBatch, *, share: float, generator: torch.Generator
) -> WindowBatch:
    """Shift phases alike at all channels: power and coherence stay (surrogate)."""
    n_bins = batch.signals.shape[2] // 2 + 1
    turns = share * torch.rand(len(batch), 1, n_bins, generator=generator)
    turns[..., 0] = 0
    return _filter(batch, torch.polar(torch.ones_like(turns), 2 * torch.pi * turns))


def add_line_noise(
    batch: WindowBatch, *, size: float, sfreq: float, generator: torch.Generator
) -> WindowBatch:
    """Add a rest of mains, of another strength at every channel.

    Args:
        batch: Windows.
        size: Largest amplitude, in units of the recording's scale.
        sfreq: Sampling rate, Hz.
        generator: Source of randomness.
    """
    n_windows, n_channels, n_times = batch.signals.shape
    hz = MAINS_HZ[int(_uniform(generator, 0, 1) < 0.5)]
    phase = 2 * torch.pi * _uniform(generator, 0, 1)
    wave = torch.sin(2 * torch.pi * hz * torch.arange(n_times) / sfreq + phase)
    strength = torch.rand(n_windows, n_channels, 1, generator=generator)
    noise = size * batch.scale[:, None, None] * strength * wave
    return replace(batch, signals=batch.signals + noise)


def jitter_positions(
    batch: WindowBatch, *, sd: float, generator: torch.Generator
) -> WindowBatch:
    """Move electrodes on the sphere."""
    noise = torch.randn(batch.positions.shape, generator=generator)
    moved = functional.normalize(batch.positions + sd * noise, dim=-1)
    return replace(batch, positions=moved)


def forget_acquisition(
    batch: WindowBatch,
    *,
    generator: torch.Generator,  # noqa: ARG001
) -> WindowBatch:
    """Tell nothing about the device."""
    return replace(batch, acquisition=torch.zeros_like(batch.acquisition))


def _uniform(generator: torch.Generator, low: float, high: float) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def _frequencies(batch: WindowBatch, sfreq: float) -> Float[Tensor, " n_bins"]:
    frequencies: Tensor = torch.fft.rfftfreq(batch.signals.shape[2], 1 / sfreq)
    return frequencies


def _filter(batch: WindowBatch, response: Tensor) -> WindowBatch:
    n_times = batch.signals.shape[2]
    spectrum = torch.fft.rfft(batch.signals) * response
    return replace(batch, signals=torch.fft.irfft(spectrum, n=n_times))
