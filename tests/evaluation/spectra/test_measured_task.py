"""Units and pairs of a task whose spectra were measured."""

from neurograft.evaluation.spectra.measured_task import MeasuredTask


def test_units_say_whether_power_is_relative(make_measured):
    one = make_measured()
    assert isinstance(one, MeasuredTask)
    assert (one.unit, one.band_unit) == ("uV^2/Hz", "uV^2")
    relative = make_measured(is_relative=True)
    assert relative.unit == "share of power per Hz"
    assert relative.band_unit == "share of power"


def test_every_two_groups_are_a_pair(make_measured):
    assert make_measured((5, 5, 5)).pairs == [(0, 1), (0, 2), (1, 2)]
    assert make_measured((5,)).pairs == []
