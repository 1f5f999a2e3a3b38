"""From an EDF file to an embedding, and to how a simulated person's windows differ."""

import tempfile
from pathlib import Path

import neurograft as ng
from neurograft.simulation.sites import default_sites


def main() -> None:
    """Simulate one recording, read it, and embed it."""
    with tempfile.TemporaryDirectory() as folder:
        site = default_sites(n_source=1)[1]
        ng.simulate_cohorts(folder, sites=[site], duration_s=40)
        path = next(Path(folder).rglob("*_eeg.[eb][dd]f"), None) or next(
            Path(folder).rglob("*_eeg.vhdr")
        )
        recording = ng.harmonise(ng.read_recording(path))
        table = ng.embed(recording)
        windows = ng.embed(recording, per="window")
    print(recording.quality)
    print(table.iloc[:, :5].round(2))
    print(windows.iloc[:, :5].round(2))


if __name__ == "__main__":
    main()
