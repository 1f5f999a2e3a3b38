"""Settings of harmonising."""

from pydantic import Field, model_validator

from neurograft.config.section import Section


class HarmoniseConfig(Section):
    """How recordings are brought to one band, rate and reference."""

    sfreq: float = Field(128.0, ge=64, le=512, description="Sampling rate kept, Hz.")
    l_freq: float = Field(0.5, gt=0, le=5, description="Lower band edge, Hz.")
    h_freq: float = Field(45.0, ge=20, le=200, description="Upper band edge, Hz.")
    min_duration_s: float = Field(
        20.0, ge=1, description="Shorter recordings are dropped, seconds."
    )
    max_bad_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="More bad channels than this: recording dropped, or the second in "
        "which they are.",
    )
    deviation_z: float = Field(
        5.0, gt=0, description="Bad: robust z of a channel's amplitude (PREP)."
    )
    noise_z: float = Field(
        5.0, gt=0, description="Bad: robust z of the amplitude above 50 Hz (PREP)."
    )
    min_correlation: float = Field(
        0.4, ge=0, lt=1, description="Correlation below which channels differ (PREP)."
    )
    max_lonely_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Bad: share of seconds in which a channel is constant or resembles "
        "no other. PREP takes .01, which is made for dense caps.",
    )
    iclabel: bool = Field(
        False,
        description="Remove independent components that ICLabel calls muscle or eye "
        "(slow; needs neurograft[clean]).",
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
        description="Amplitudes beyond this many robust SDs are no EEG: clipped, or "
        "the second is dropped where many channels are beyond.",
    )

    @model_validator(mode="after")
    def _band_fits_rate(self) -> "HarmoniseConfig":
        if self.h_freq > 0.45 * self.sfreq:
            raise ValueError(
                f"h_freq={self.h_freq:g} Hz needs sfreq of at least "
                f"{self.h_freq / 0.45:.0f} Hz, found sfreq={self.sfreq:g}"
            )
        return self
