"""Who is compared with a match is counted in pairs, and called so."""

import pandas as pd
import pytest
from tests.report.conftest import VERDICT

from neurograft.files.sentences import code_verdict, say
from neurograft.report.documents.verdicts import is_paired, list_verdicts

NEEDED = {"task": "disease"} | code_verdict(
    "needed", "people", "NG147", n=20, n_needed=34, effect=0.5
)


def tell(study):
    return [say(one.code, one.values) for one in list_verdicts(study)]


@pytest.mark.parametrize(("n_tested", "told"), [(18, "n = 9 pairs"), (9, "n = 9,")])
def test_pairs_are_called_pairs(stored, change, n_tested, told):
    change("summary", "verdicts", pd.DataFrame([VERDICT, NEEDED]))
    study = change("evaluation", "tasks", stored.tasks.assign(n_tested=n_tested))
    evidence, needed = tell(study)
    assert told in evidence
    assert "n = 9" in evidence
    assert "with 34 pairs. Here there are 20." in needed


@pytest.mark.parametrize(
    ("kind", "n_tested", "wanted"),
    [
        ("classification", 40, True),
        ("classification", 20, False),
        ("classification", None, False),
        ("classification", float("nan"), False),
        ("contrast", 40, False),
        ("regression", 40, False),
    ],
)
def test_only_groups_whose_people_have_a_match_are_pairs(kind, n_tested, wanted):
    task = {"kind": kind, "n_subjects": 20, "n_tested": n_tested}
    assert is_paired(task) is wanted
