"""Who is compared with a match is counted in pairs, and called so."""

import pandas as pd
import pytest
from tests.report.conftest import VERDICT

from neurograft.files.sentences import code_verdict, say
from neurograft.report.documents.verdicts import list_verdicts

NEEDED = {"task": "disease"} | code_verdict(
    "needed", "people", "NG147", n=20, n_needed=34, effect=0.5
)


def tell(study):
    return [say(one.code, one.values) for one in list_verdicts(study)]


@pytest.mark.parametrize(
    ("is_paired", "told"), [(True, "n = 9 pairs"), (False, "n = 9,")]
)
def test_pairs_are_called_pairs(stored, change, is_paired, told):
    change("summary", "verdicts", pd.DataFrame([VERDICT, NEEDED]))
    study = change("evaluation", "tasks", stored.tasks.assign(is_paired=is_paired))
    evidence, needed = tell(study)
    assert told in evidence
    assert "n = 9" in evidence
    assert "with 34 pairs. Here there are 20." in needed


def test_a_study_of_an_earlier_version_counts_people(stored):
    assert "is_paired" not in stored.tasks
    assert "n = 9," in tell(stored)[0]
