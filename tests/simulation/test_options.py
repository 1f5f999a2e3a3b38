"""Options of the simulated study are checked before anything is simulated."""

import pytest
from pydantic import ValidationError

from neurograft.simulation.options import SimulationConfig


def test_the_number_of_channels_may_be_text_as_on_a_command_line():
    assert SimulationConfig(channels="32").channels == 32


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": 20},
        {"n_source": 1},
        {"effect": -1.0},
        {"seat": 1},
        {"youngest": 4},
        {"oldest": 91},
        {"youngest": 12, "oldest": 7},
        {"oldest": 12},
    ],
)
def test_what_cannot_be_simulated_is_refused(wrong):
    with pytest.raises(ValidationError):
        SimulationConfig(**wrong)
