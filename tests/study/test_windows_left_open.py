"""Where the number of windows is left open, 19 of 20 people of a task have them."""

import pytest

from neurograft.config.tasks import View
from neurograft.study import opened_study
from neurograft.study.opened_study import Study
from neurograft.study.stages.embed import describe_embedding


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    return make_study(
        tmp_path_factory.mktemp("open"), tasks=("disease",), windows_per_subject="auto"
    )


@pytest.mark.parametrize(("n_short", "expected"), [(0, 9), (1, 9), (2, 1)])
def test_few_short_recordings_cost_nobody_else_windows(
    study, monkeypatch, n_short, expected
):
    def count(store, **_):
        people = sorted({one.key.participant_id for one in store.recordings})
        return dict.fromkeys(people, 9) | dict.fromkeys(people[:n_short], 1)

    monkeypatch.setattr(opened_study, "count_whole_windows", count)
    assert Study(study).count_windows(View("clinic")) == expected


def test_recordings_of_any_length_are_embedded_with_what_they_have(study):
    opened = Study(study)
    count = opened.count_windows(View("clinic"))
    assert 1 <= count <= 3  # recordings of 30 s
    assert {len(one.windows) for one in opened.view(View("clinic")).chosen} == {count}
    assert opened.with_controls.count_windows(View("clinic")) == count
    assert describe_embedding(Study(study)).is_current()
    other = study.model_copy(
        update={
            "tasks": {
                "women": study.tasks["disease"].model_copy(
                    update={"where": {"sex": ("F",)}}
                )
            }
        }
    )
    assert not describe_embedding(Study(other)).is_current()
