"""Words of the figures, in one place so that another language can replace them."""

from collections.abc import Mapping
from typing import TypeAlias

Words: TypeAlias = Mapping[str, str]

ENGLISH: Words = {
    # The quality strip.
    "strip": "Quality over time",
    "strip_used": "{used} of {recorded} recorded seconds are used ({share})",
    "strip_desc": "A strip along the time of the recording; each column shows the "
    "worst second in it. Cut out: {cut}.",
    "nothing_cut": "nothing",
    "kept": "kept",
    "amplitude clipped": "clipped: few channels beyond the limit",
    "constant channels": "cut: constant channels",
    "amplitude beyond the limit": "cut: amplitude beyond the limit",
    "autoreject": "cut: rejected by autoreject",
    "rest too short to use": "cut: rest too short to use",
    "outside": "not part of the recording that is used",
    "seconds": "{n} s",
    "shares": "channels constant or beyond the limit",
    "minutes": "minutes",
    "time_s": "seconds",
    # Before and after.
    "traces": "Ten seconds before and after harmonising",
    "traces_desc": "{shown} of {n} channels from second {start} of the recording. "
    "Bad channels, drawn orange and marked by a cross: {bads}. Traces are cut off one "
    "row away from their own.",
    "before": "Before: as recorded",
    "after": "After: harmonised, average reference",
    "left_out": "left out",
    "none_bad": "none",
    "file_unit": "units of the file",
    "arbitrary": "arbitrary units",
    # Spectra.
    "spectra": "Spectra by scalp region",
    "spectra_desc": "Power by frequency from {low} to {high} Hz in six scalp regions: "
    "{who}.",
    "group_n": "{group} (n = {n})",
    "group_band": "mean log power of people; shaded: 95 % interval of each bin",
    "frequency": "frequency, Hz",
    "uV^2/Hz": "power, µV²/Hz",
    "share of power per Hz": "share of power, per Hz",
    "arbitrary^2/Hz": "power, arbitrary units",
    "person": "Spectrum by scalp region",
    "person_line": "one recording, {n} s used",
    "alpha_peak": "alpha peak {hz} Hz",
    "frontal": "frontal",
    "left temporal": "left temporal",
    "central": "central",
    "right temporal": "right temporal",
    "parietal": "parietal",
    "occipital": "occipital",
    # Topographies.
    "heads": "Band power over the scalp",
    "heads_desc": "Heads from above, nose up: {first} (n = {n_first}), {second} "
    "(n = {n_second}) and the ratio of the two. {found}",
    "found_some": "The difference survives correction over sensors and bands at "
    "{where}.",
    "found_none": "No difference survives correction over sensors and bands.",
    "heads_one_desc": "Heads from above, nose up: {first} (n = {n_first}).",
    "ratio": "{second} ÷ {first}",
    "ratio_long": "right ÷ left",
    "rings": "ringed: corrected p < .05 (over {n} sensors, {bands} bands)",
    "no_rings": "no sensor has corrected p < .05 ({n} sensors, {bands} bands)",
    "uV^2": "µV²",
    "share of power": "share of power",
    "delta": "delta",
    "theta": "theta",
    "alpha": "alpha",
    "beta": "beta",
    "band_hz": "{low}\u2013{high} Hz",
}
