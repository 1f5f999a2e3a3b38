"""Does every kind of input that once failed do what it must? A table, from the tests.

    python benchmarks/kinds.py

Each kind has tests that make inputs of their own. They are run here, and each kind is a
row: passed, skipped (for want of real recordings), or failed. A test that is named here
and no longer exists is a failure.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

TESTS = Path(__file__).parent.parent / "tests"
# Kinds, and where their tests stand: a file, and the beginning of names in it.
KINDS: Mapping[str, tuple[str, ...]] = {
    "an age that is none is no target": (
        "tasks/test_targets.py", "cohorts/test_ages.py",
    ),
    "ages as bins, in months, in words": ("cohorts/test_ages.py",),
    "tabs and quotation marks too many": ("files/test_written_tables.py",),
    "tables of other encodings, empty, doubled": ("files/test_written_tables.py",),
    "a FIF that was cropped": ("recordings/test_pieces.py::test_events_of_a_cropped",),
    "an event in the file and in the table": ("recordings/test_events.py",),
    "sidecars in any state": (
        "recordings/test_sidecars.py", "cohorts/test_circumstances.py",
        "files/test_text.py",
    ),
    "a link without content": (
        "recordings/test_sidecars.py::test_a_sidecar_without_its_content",
        "files/test_text.py::test_a_file_that_is_not_here",
    ),
    "a mains that is none": ("recordings/test_sidecars.py::test_a_mains",),
    "labels with hyphens, blanks, without sub-": ("cohorts/test_labels.py",),
    "channels that are numbers": ("recordings/test_channel_table.py",),
    "channels of several rates, read in pieces": ("recordings/test_pieces.py",),
    "texts that look alike": ("files/test_text.py", "tasks/test_targets.py"),
    "a group called None": ("tasks/test_targets.py::test_a_class_may_be_called",),
    "thousands, infinite numbers": ("files/test_numbers.py", "tasks/test_targets.py"),
    "fewer than ten people": (
        "evaluation/results/test_evidence.py::test_few_people",
        "study/test_promises.py",
    ),
    "the site as a task of its own": (
        "evaluation/results/test_evidence.py::test_the_site_itself",
        "tasks/test_label_shuffles.py::test_a_site_that_is_the_label",
    ),
    "a folder that is named twice": ("study/test_leaks.py",),
    "copies that are cropped, louder, inverted, swapped": (
        "store/test_signal_fingerprint.py", "store/test_fingerprint_matching.py",
        "tasks/test_seen_people.py", "evaluation/test_guard.py",
    ),
    "people of the packaged encoder": ("tasks/test_shipped_people.py",),
    "columns called like known factors": (
        "tasks/test_factors.py::test_a_column_called_like",
    ),
    "facts known of patients only": ("tasks/test_factors.py::test_what_is_said_of",),
    "days in blocks": ("tasks/test_factors.py::test_days_that_nobody_shares",),
    "a confound that is a task, a source, a number": (
        "tasks/test_factors.py::test_columns",
    ),
    "scores that follow a device": ("tasks/test_factors.py::test_a_score_that",),
    "few people wholly separated": ("tasks/test_factors.py::test_few_people",),
    "the order of labels": ("tasks/test_factors.py::test_people_numbered_by_group",),
    "site and group are one": (
        "tasks/test_label_shuffles.py",
        "evaluation/results/test_evidence.py::test_labels_that_cannot",
    ),
    "a factor that does as well alone": (
        "tasks/test_factor_alone.py",
        "evaluation/results/test_evidence.py::test_what_does_as_well",
    ),
    "results that are out of date or were edited": (
        "files/test_writing.py::test_a_table_that_was_changed",
        "study/test_stale.py",
    ),
    "two runs on one folder": ("files/test_lock.py",),
    "one damaged file, rates that are none, 453 GiB": (
        "harmonising/test_bounds.py", "studies/test_fuzz.py",
    ),
    "a folder that may not be read": ("cohorts/finding/test_closed_folders.py",),
    "text of a damaged header": (
        "harmonising/test_planted_names.py", "montage/test_known_words.py",
    ),
    "study files of Windows, and mistakes in them": (
        "config/study_file/test_text.py", "config/study_file/test_explanations.py",
    ),
    "damaged cards, weights and checkpoints": (
        "models/test_saving.py", "training/test_damaged_checkpoints.py",
        "files/test_writing.py::test_a_damaged_mark",
    ),
    "hostile servers": ("cohorts/test_download.py",),
    "numbers and names in copies without names": ("cohorts/deidentify",),
    "output that cannot print a name": ("cli/test_application.py",),
    "what check lets through, run finishes": (
        "study/test_promises.py", "study/test_beforehand.py",
    ),
    "plain folders": ("cohorts/finding/test_plain_folders.py",),
    "recordings of any length": (
        "store/test_window_count.py", "study/test_windows_left_open.py",
    ),
}  # fmt: skip


def run_tests(places: tuple[str, ...]) -> Counter[str]:
    """Run the tests of a kind, and count how they ended."""
    counts: Counter[str] = Counter()
    for place in places:
        file, _, start = place.partition("::")
        if not (TESTS / file).exists():
            counts["missing"] += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = Path(folder) / "tests.xml"
            chosen = ["-k", start] if start else []
            subprocess.run(
                [sys.executable, "-m", "pytest", "-q", str(TESTS / file), *chosen,
                 f"--junitxml={found}"],
                capture_output=True, check=False, cwd=TESTS.parent,
            )  # fmt: skip
            cases = list(ElementTree.parse(found).iter("testcase"))
        counts["missing"] += not cases
        for case in cases:
            ends = {child.tag for child in case} & {"failure", "error", "skipped"}
            counts[next(iter(ends), "passed")] += 1
    return counts


def main() -> None:
    """Print the table; exit with 1 if a kind fails."""
    failed = False
    print("| kind | passed | skipped | failed |\n|---|---|---|---|")
    for kind, places in KINDS.items():
        counts = run_tests(places)
        bad = counts["failure"] + counts["error"] + counts["missing"]
        failed |= bad > 0
        print(f"| {kind} | {counts['passed']} | {counts['skipped']} | {bad} |")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
