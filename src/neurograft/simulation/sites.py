"""Simulated sites: the people who come there, and the effect of their amplifier."""

from dataclasses import dataclass


def _names(text: str) -> tuple[str, ...]:
    """Split names at spaces."""
    return tuple(text.split())


# Electrodes of the 10-20 system with their old names, as a clinic writes them, and of
# usual caps of 32 and 64 electrodes.
TEN_TWENTY = _names("Fp1 Fp2 F7 F3 Fz F4 F8 T3 C3 Cz C4 T4 T5 P3 Pz P4 T6 O1 O2")
CAP_32 = _names(
    "Fp1 Fp2 F7 F3 Fz F4 F8 FC5 FC1 FC2 FC6 T7 C3 Cz C4 T8 CP5 CP1 CP2 CP6 P7 P3 Pz P4 "
    "P8 PO7 PO3 PO4 PO8 O1 Oz O2"
)
CAP_64 = _names(
    "Fp1 Fpz Fp2 AF7 AF3 AFz AF4 AF8 F7 F5 F3 F1 Fz F2 F4 F6 F8 FT9 FT7 FC5 FC3 FC1 "
    "FC2 FC4 FC6 FT8 FT10 T7 C5 C3 C1 Cz C2 C4 C6 T8 TP9 TP7 CP5 CP3 CP1 CPz CP2 CP4 "
    "CP6 TP8 TP10 P7 P5 P3 P1 Pz P2 P4 P6 P8 PO7 PO3 POz PO4 PO8 O1 Oz O2"
)
# Electrodes by their number.
MONTAGES = {19: TEN_TWENTY, 32: CAP_32, 64: CAP_64}
# Reference electrodes at both ear lobes.
LINKED_EARS = ("A1", "A2")
# Of the sites below, in the order of the attributes of `Site`: sampling rate (Hz),
# reference, mains (Hz, microvolts), gain, high-pass and low-pass (Hz), extension.
Device = tuple[int, tuple[str, ...], float, float, float, float, float, str]
DEVICES: dict[str, Device] = {
    "students": (256, LINKED_EARS, 60, 4, 1.0, 0.1, 70, ".edf"),
    "community": (250, ("FCz",), 50, 2, 0.85, 0.3, 100, ".vhdr"),
    "clinic": (500, ("FCz",), 50, 6, 1.2, 0.016, 120, ".vhdr"),
    "clinic_new_device": (256, LINKED_EARS, 50, 3, 0.9, 0.1, 70, ".edf"),
}


@dataclass(frozen=True)
class Site:
    """A place of recording.

    Attributes:
        name: Cohort name and folder.
        n_channels: 19, 32 or 64 electrodes.
        sfreq: Sampling rate, Hz.
        reference: Electrodes whose mean is subtracted.
        line_freq: Mains frequency, Hz.
        line_uv: Typical mains amplitude, microvolts.
        gain: Factor between true and recorded microvolts.
        high_pass: Corner of the amplifier's first-order high-pass, Hz.
        low_pass: Corner of its second-order low-pass, Hz.
        extension: `.edf` or `.vhdr`.
        ages: Youngest and oldest age, years, within 5 to 90.
        share_female: Between 0 and 1.
        n_controls: People without the disease.
        n_patients: People with it.
        disease_effect: Times the effect described in `person.draw_person`.
        n_visits: Recordings of everybody; of more than one, each is a BIDS session.
        people_of: Site whose people come here too, under the same labels; empty, none.
    """

    name: str
    n_channels: int
    sfreq: int
    reference: tuple[str, ...]
    line_freq: float
    line_uv: float
    gain: float
    high_pass: float
    low_pass: float
    extension: str
    ages: tuple[float, float]
    share_female: float
    n_controls: int
    n_patients: int = 0
    disease_effect: float = 1.0
    n_visits: int = 1
    people_of: str = ""


def default_sites(
    *,
    n_source: int = 60,
    n_patients: int = 40,
    n_controls: int = 40,
    disease_effect: float = 1.0,
    n_clinic_channels: int = 64,
    n_visits: int = 1,
    new_device: bool = False,
    clinic_ages: tuple[float, float] = (25, 80),
) -> list[Site]:
    """List two public cohorts on different devices, and a clinic with patients.

    Args:
        n_source: People in each public cohort.
        n_patients: Patients of the clinic.
        n_controls: Controls of the clinic, of the same ages.
        disease_effect: Size of the planted effect; 0 plants none.
        n_clinic_channels: Electrodes of the clinic's cap: 19, 32 or 64.
        n_visits: Recordings of everybody in the clinic.
        new_device: Record everybody of the clinic on another device too.
        clinic_ages: Youngest and oldest age of the clinic, years, within 5 to 90.
    """
    own = (clinic_ages, 0.55, n_controls, n_patients, disease_effect, n_visits)
    new, n_channels = "clinic_new_device", n_clinic_channels
    sites = [
        Site("students", 19, *DEVICES["students"], (18, 45), 0.6, n_source),
        Site("community", 32, *DEVICES["community"], (35, 80), 0.5, n_source),
        Site("clinic", n_channels, *DEVICES["clinic"], *own),
        Site(new, n_channels, *DEVICES[new], *own, people_of="clinic"),
    ]
    return sites if new_device else sites[:-1]
