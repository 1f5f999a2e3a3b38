"""A study that says nothing about pretraining gets what the tables support."""

from pathlib import Path

import pytest

from neurograft.config.pretraining import PretrainingConfig
from neurograft.config.study import read_study
from neurograft.models.saving import find_shipped, read_encoder_card
from neurograft.study.comparison.variants import list_variants

EXAMPLES = Path(__file__).parents[2] / "examples"
# What differs by purpose, and changes no encoder.
APART = {"name", "cohorts", "shipped", "allow_transductive"}


def test_a_silent_study_pretrains_as_the_variant_that_gained():
    """`mae` of the long runs, docs/pretraining.md."""
    compared = read_study(EXAMPLES / "long-pretraining.toml")
    (own,) = {
        v.settings.model_dump_json() for v in list_variants(compared) if v.is_trained
    }
    gained = PretrainingConfig.model_validate_json(own)
    assert gained.model_dump(exclude=APART) == PretrainingConfig().model_dump(
        exclude=APART
    )
    assert (gained.size, gained.steps, gained.batch_size) == ("tiny", 8000, 64)
    assert gained.objectives == ({"mae": 1.0},)


def test_the_encoder_in_the_package_was_pretrained_so_too():
    made = read_encoder_card(find_shipped("tiny"))["settings"]
    silent = PretrainingConfig().model_dump(mode="json")
    apart = {k for k, value in made.items() if value != silent[k]}
    assert apart <= APART


@pytest.mark.parametrize("name", ["dementia", "transfer", "pain"])
def test_examples_that_pretrain_do_so_too(name):
    study = read_study(EXAMPLES / f"{name}.toml")
    own = study.pretraining.model_dump(exclude=APART)
    assert study.pretraining.shipped or own == PretrainingConfig().model_dump(
        exclude=APART
    )
