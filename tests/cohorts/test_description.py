"""What side files say of a cohort is counted, and so are those that say nothing."""

import json

import pytest

from neurograft.cohorts.description import describe_cohort
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ([250, 250, 250], "250 x 3"),
        ([250, None, None], "250 x 1, not stated x 2"),
        ([None, "n/a"], None),
        (
            [1000, 1000, 1000, 500, 500, 256, 256, 250, 250, 200, 128, None],
            "1000 x 3, 500 x 2, 256 x 2, 250 x 2, others x 2, not stated x 1",
        ),
    ],
)
def test_values_of_side_files_add_up_to_the_recordings(tmp_path, rates, told):
    for number, rate in enumerate(rates):
        folder = tmp_path / f"sub-{number}" / "eeg"
        folder.mkdir(parents=True)
        stem = folder / f"sub-{number}_task-rest_eeg"
        stem.with_suffix(".edf").write_bytes(b"x")
        facts = {} if rate is None else {"SamplingFrequency": rate}
        stem.with_suffix(".json").write_text(json.dumps(facts))
    rows = [f"sub-{number}\t30" for number in range(len(rates))]
    (tmp_path / "participants.tsv").write_text(
        "\n".join(["participant_id\tage", *rows])
    )
    cohort = OpenedCohort("c", tmp_path, CohortConfig(folder=tmp_path))
    said = [one for one in describe_cohort(cohort) if one.startswith("sampling rate")]
    assert said == ([f"sampling rate, Hz: {told}"] if told else [])


def test_sexes_are_counted_of_people_who_are_recorded_and_once(tmp_path):
    for number in (1, 2):
        folder = tmp_path / f"sub-{number}" / "eeg"
        folder.mkdir(parents=True)
        (folder / f"sub-{number}_task-rest_eeg.edf").write_bytes(b"x")
    table = tmp_path / "participants.tsv"
    table.write_text("participant_id\tsex\n1\tF\n1\tF\n2\tM\n3\tM\n")
    cohort = OpenedCohort("c", tmp_path, CohortConfig(folder=tmp_path))
    assert "sex: F 1, M 1" in describe_cohort(cohort)
    table.write_text("participant_id\tsex\n7\tF\n8\tM\n")
    cohort = OpenedCohort("c", tmp_path, CohortConfig(folder=tmp_path))
    assert not any(line.startswith("sex") for line in describe_cohort(cohort))
