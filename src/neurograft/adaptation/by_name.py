"""Make the adapter that a method names."""

from typing import cast

from neurograft.adaptation.adapter import Adapter
from neurograft.adaptation.alignment import AlignDomains, Alignment
from neurograft.adaptation.combat import ComBat
from neurograft.adaptation.erasure import EraseDomains
from neurograft.adaptation.residuals import RemoveCovariates
from neurograft.errors import ConfigError


def make_adapter(name: str, covariates: tuple[str, ...]) -> Adapter:
    """Return the unfitted adapter of feature vectors with a name.

    Args:
        name: Name of an adapter, as after the @ of a method.
        covariates: Names of the covariates that are known of everybody.

    Raises:
        ConfigError: If it adapts covariance matrices only, or has no covariates.
    """
    if name == "euclid":
        raise ConfigError(
            "Adapter 'euclid' aligns covariance matrices; use it with riemann, or "
            "choose 'recentre'."
        )
    if name == "residualise":
        if not covariates:
            raise ConfigError(
                "Adapter 'residualise' takes age and sex out of features, but neither "
                "is known of everybody; fill them in, or leave people out with `where`."
            )
        return RemoveCovariates(covariates)
    if name == "combat":
        return ComBat(covariates)
    return EraseDomains() if name == "erase" else AlignDomains(cast("Alignment", name))
