"""Cards: one of four states, what else may explain_words it, what would be needed."""

import pandas as pd
import pytest

from neurograft.files.sentences import code_verdict
from neurograft.report.blocks import Answers, PageWords
from neurograft.report.sections.answers import STATES, show_answers

WORDS = PageWords("en")


def read_cards(study):
    (cards,) = [b for b in show_answers(study, WORDS).blocks if isinstance(b, Answers)]
    return cards.rows


@pytest.mark.parametrize(("answer", "state"), STATES.items())
def test_every_answer_has_a_state(stored, change, answer, state):
    verdicts = stored.read(stored.summary, "verdicts").assign(answer=answer)
    (card,) = read_cards(change("summary", "verdicts", verdicts[:1]))
    assert card.state == state
    assert (card.code, card.anchor) == ("NG111", "task-1")
    assert "0.70 [0.60, 0.80], n = 9" in card.sentence


def test_cautions_of_every_kind_stand_beside_the_answer(stored, change):
    factors = [{"code": "NG391", "factor": "sfreq_hz", "measure": "AUROC", "value": 0.7,
                "p": 0.01}]  # fmt: skip
    others = [
        code_verdict("design", "warning", "NG310", factors=factors, what="group"),
        code_verdict("confound", "site", "NG330"),
        code_verdict("needed", "sites", "NG141", n=9),
    ]
    known = stored.read(stored.summary, "verdicts")
    added = pd.DataFrame([{"task": "disease"} | one for one in others])
    study = change("summary", "verdicts", pd.concat([known, added]))
    tasks = stored.tasks.assign(transductive=True, leak_caution="Perhaps seen.")
    study = change("evaluation", "tasks", tasks)
    (card,) = read_cards(study)
    said = [one.sentence for one in card.others]
    assert said[0] == WORDS("transductive")
    assert said[1] == "Perhaps seen."
    assert said[2].startswith("Goes with the group too: sampling rate (AUROC 0.70")
    assert [one.code for one in card.others[2:]] == ["NG310", "NG330"]
    assert [one.code for one in card.needed] == ["NG141"]


def test_another_task_s_cautions_are_not_this_one_s(stored, change):
    tasks = pd.concat([stored.tasks, stored.tasks.assign(task="age")])
    study = change("evaluation", "tasks", tasks)
    first, second = read_cards(study)
    assert first.code == "NG111"
    assert (second.code, second.state) == ("", "undecided")
    assert second.anchor == "task-2"
