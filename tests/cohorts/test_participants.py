"""The column that names the person is the one that the study says."""

import pytest

from neurograft.cohorts.participants import read_participants
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError


def test_another_column_may_name_the_people_beside_one_that_is_called_so(tmp_path):
    (tmp_path / "participants.tsv").write_text(
        "participant_id\tcode\tage\n1\ta\t30\n1\tb\t40\n"
    )
    settings = CohortConfig(folder=tmp_path, participant_column="code")
    table = read_participants(tmp_path, settings)
    assert table["participant_id"].tolist() == ["a", "b"]
    assert table["participant_id (not used)"].tolist() == ["1", "1"]


def test_a_table_that_cannot_be_read_is_one_whole_sentence(tmp_path):
    def fail(name="participants.tsv"):
        with pytest.raises(DataError) as error:
            read_participants(tmp_path, CohortConfig(folder=tmp_path, table=name))
        said = str(error.value)
        assert said.endswith(".")
        assert not said.endswith("..")
        return said

    path = tmp_path / "participants.tsv"
    path.symlink_to("../.git/annex/objects/x")
    assert "`datalad get`" in fail()
    path.unlink()
    path.write_text("\n\n")
    assert "it is empty; write a row of column names" in fail()
    path.write_text("1\t2\n3\t4\n")
    assert "no names of columns; write a row" in fail()
    (tmp_path / "people.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert "save it as .xlsx or .csv" in fail("people.xls")
