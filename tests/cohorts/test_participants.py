"""The column that names the person is the one that the study says."""

from neurograft.cohorts.participants import read_participants
from neurograft.config.cohort import CohortConfig


def test_another_column_may_name_the_people_beside_one_that_is_called_so(tmp_path):
    (tmp_path / "participants.tsv").write_text(
        "participant_id\tcode\tage\n1\ta\t30\n1\tb\t40\n"
    )
    settings = CohortConfig(folder=tmp_path, participant_column="code")
    table = read_participants(tmp_path, settings)
    assert table["participant_id"].tolist() == ["a", "b"]
    assert table["participant_id (not used)"].tolist() == ["1", "1"]
