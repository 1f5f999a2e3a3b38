"""`[harmonise]`: band, rate and reference of recordings."""

from pydantic import Field, model_validator

from neurograft.config.section import Section


class HarmoniseConfig(Section):
    """Band, rate and reference of recordings, and rules for bad ones."""

    sfreq: float = Field(
        128.0, ge=64, le=512, description="Sampling rate of the stored signals, in Hz."
    )
    l_freq: float = Field(
        0.5,
        gt=0,
        le=5,
        description="Lower edge of the frequency band that is kept, in Hz.",
    )
    h_freq: float = Field(
        45.0,
        ge=20,
        le=200,
        description="Upper edge of the frequency band that is kept, in Hz.",
    )
    min_duration_s: float = Field(
        20.0,
        ge=1,
        le=86_400,
        description="Drop recordings that are shorter than this, in seconds.",
    )
    max_bad_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Drop a recording, or a second of it, if more than this "
        "share of its channels is bad.",
    )
    deviation_z: float = Field(
        5.0,
        gt=0,
        description="A channel is bad if its amplitude deviates by more than "
        "this many robust SDs from the other channels (PREP).",
    )
    noise_z: float = Field(
        5.0,
        gt=0,
        description="A channel is bad if its amplitude above 50 Hz exceeds that "
        "of the other channels by more than this many robust SDs "
        "(PREP).",
    )
    min_correlation: float = Field(
        0.4,
        ge=0,
        lt=1,
        description="A channel resembles no other, in a second, if its "
        "correlations with all others are below this (PREP).",
    )
    max_lonely_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="A channel is bad if it is constant or resembles no other in "
        "more than this share of the seconds; PREP takes 0.01, for "
        "dense caps.",
    )
    iclabel: bool = Field(
        False,
        description="Remove independent components that ICLabel calls eye or "
        "muscle (slow; needs neurograft[clean]).",
    )
    autoreject: bool = Field(
        False,
        description="Drop the seconds that autoreject rejects (slow; needs "
        "neurograft[clean]).",
    )
    clip_sd: float = Field(
        30.0,
        ge=10,
        le=100,
        description="Amplitudes beyond this many robust SDs are no EEG: they are "
        "clipped, or the second is dropped if many channels are "
        "affected.",
    )

    @model_validator(mode="after")
    def _band_fits_rate(self) -> "HarmoniseConfig":
        if self.h_freq > 0.45 * self.sfreq:
            raise ValueError(
                f"h_freq={self.h_freq:g} Hz needs sfreq of at least "
                f"{self.h_freq / 0.45:.0f} Hz, found sfreq={self.sfreq:g}"
            )
        return self
