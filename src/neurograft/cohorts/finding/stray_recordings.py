"""Find recordings of a BIDS data set that lie where BIDS has none.

They are not read, because nothing says what they are of. Each is a row with its reason.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from neurograft.cohorts.finding.plain_folders import NOBODY
from neurograft.cohorts.labels import is_subject, name_subject
from neurograft.files.keys import RecordingKey
from neurograft.recordings.formats import is_recording, list_recording_files
from neurograft.recordings.found_recording import FoundRecording

# Folders beside those of subjects, and of other data of a subject (BIDS 1.10).
BESIDE_SUBJECTS = {
    "code", "derivatives", "phenotype", "rawdata", "sourcedata", "stimuli",
}  # fmt: skip
BESIDE_EEG = {
    "anat", "beh", "dwi", "emg", "fmap", "func", "ieeg", "meg", "micr", "motion", "mrs",
    "nirs", "perf", "pet",
}  # fmt: skip


def find_strays(
    cohort: str, root: Path, placed: Collection[Path]
) -> Iterator[FoundRecording]:
    """Find the recordings of a BIDS data set that lie outside of its folders of EEG.

    Args:
        cohort: Name of the cohort.
        root: Of the data set.
        placed: Recordings that lie where BIDS has them.
    """
    numbers: Counter[str] = Counter()
    for path in _list_everywhere(root):
        if path in placed:
            continue
        around = path.relative_to(root).parts[:-1]
        is_of_subject = bool(around) and is_subject(around[0])
        person = name_subject(around[0]) if is_of_subject else NOBODY
        numbers[person] += 1
        key = RecordingKey(cohort, person, run=f"misplaced{numbers[person]}")
        yield FoundRecording(key, path, root, _explain(around, is_of_subject))


def _list_everywhere(root: Path) -> Iterator[Path]:
    """List the recordings of a data set, but not those that BIDS keeps beside EEG."""
    for place in sorted(root.iterdir()):
        name = place.name.lower()
        if is_recording(place):
            yield place
        elif (
            place.is_dir() and not name.startswith(".") and name not in BESIDE_SUBJECTS
        ):
            for path in list_recording_files(place):
                if not BESIDE_EEG.intersection(path.relative_to(root).parts[1:-1]):
                    yield path


def _explain(around: tuple[str, ...], is_of_subject: bool) -> str:
    if not is_of_subject:
        return "it lies in none of the folders of subjects (sub-*)"
    if "eeg" in around:
        return "its name does not end in _eeg, as BIDS asks"
    return "it lies in the folder of a subject, but in no folder named eeg"
