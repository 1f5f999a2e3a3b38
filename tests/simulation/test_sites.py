"""Sites have the electrodes that they say."""

import pytest

from neurograft.montage.channels import template_positions
from neurograft.simulation.sites import MONTAGES


@pytest.mark.parametrize(("montage", "n"), [(19, 19), (32, 32), (64, 64)])
def test_caps_have_as_many_different_electrodes_as_they_say(montage, n):
    assert len(set(MONTAGES[montage])) == n
    assert set(MONTAGES[montage]) <= set(template_positions())
