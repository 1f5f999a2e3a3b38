"""A column that tells who is healthy needs the values that mean so."""

import pytest
from pydantic import ValidationError

from neurograft.config.prediction import PredictionConfig


def test_by_default_nobody_is_healthy_and_a_column_alone_is_refused():
    assert PredictionConfig().healthy == ()
    assert PredictionConfig(healthy=("control",)).healthy_column == ""
    with pytest.raises(ValidationError, match=r"set prediction\.healthy"):
        PredictionConfig(healthy_column="group")
