"""Choices and variants: what cannot be compared is refused in a sentence."""

import pytest
from pydantic import ValidationError

from neurograft.config.variants.comparison import ComparisonConfig
from neurograft.config.variants.specification import SpecificationConfig


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"pretraining.steps": (1, 2)}, "no setting of harmonise or evaluation"),
        ({"harmonise": (1, 2)}, "no setting of harmonise or evaluation"),
        ({"harmonise.l_freq": (0.5,)}, "leaves no choice"),
    ],
)
def test_a_choice_is_of_preprocessing_and_has_two_values(choices, message):
    with pytest.raises(ValidationError, match=message):
        SpecificationConfig(choices=choices)


def test_choices_of_both_sections_are_accepted():
    choices = {"harmonise.l_freq": (0.5, 1.0), "evaluation.n_splits": (5, 10)}
    assert SpecificationConfig(choices=choices).choices == choices


@pytest.mark.parametrize("method", ["encoder:forest", "fine-tuned", "dummy"])
def test_methods_without_batched_permutations_are_refused(method):
    with pytest.raises(ValidationError, match="has no batched permutations"):
        SpecificationConfig(methods=("encoder", method))


def test_a_variant_is_named_like_a_folder():
    variants = {"jepa-2": {"mask_ratio": 0.5}}
    assert ComparisonConfig(variants=variants).variants == variants
    with pytest.raises(ValidationError, match="should match pattern"):
        ComparisonConfig(variants={"../up": {}})
