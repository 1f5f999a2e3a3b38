"""Views are named by what they show."""

from neurograft.config.tasks import View


def test_views_are_named_by_cohort_and_tasks():
    assert View("clinic").name == "clinic"
    assert View("c", ("rest", "sleep")).name == "c_task-rest+sleep"
