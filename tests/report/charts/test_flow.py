"""The flow of people: every number and every reason is read."""

from neurograft.report.charts.flow import FlowStep, draw_flow

FOUND = FlowStep("found", 200, 230)
USABLE = FlowStep("usable", 190, 212, [("too short", 12), ("no channels", 6)])
TASKS = (FlowStep("age", 60, None, [("no age", 130)]), FlowStep("disease", 72, 72))


def list_boxes(root):
    boxes = [e for e in root.iter() if e.get("data-box") is not None]
    keys = ("x", "y", "width", "height")
    return [tuple(float(box.get(key)) for key in keys) for box in boxes]


def test_every_step_has_its_numbers_and_reasons(check_chart, list_texts):
    texts = list_texts(check_chart(draw_flow([FOUND, USABLE], TASKS)))
    assert {"found", "usable", "age", "disease", "60 people"} <= set(texts)
    assert "200 people, 230 recordings" in texts
    assert {"12 left out: too short", "130 left out: no age"} <= set(texts)


def test_steps_follow_each_other_and_tasks_are_set_in(check_chart):
    found, usable, age, disease = list_boxes(
        check_chart(draw_flow([FOUND, USABLE], TASKS))
    )
    assert found[0] == usable[0] < age[0] == disease[0]
    for upper, lower in ((found, usable), (usable, age), (age, disease)):
        assert upper[1] + upper[3] < lower[1]


def test_many_reasons_push_the_next_step_down(check_chart):
    reasons = [("a reason of many words that does not fit in a line", 3)] * 6
    root = check_chart(draw_flow([FOUND, USABLE._replace(left_out=reasons)]))
    upper, lower = list_boxes(root)
    assert lower[1] - upper[1] > 150


def test_the_description_holds_all_of_it():
    svg = draw_flow([FOUND, USABLE], TASKS)
    assert "usable: 190 people, 212 recordings (12 left out: too short" in svg
    assert draw_flow([]) == ""
    assert draw_flow([FOUND])
