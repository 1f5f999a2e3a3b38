"""Methods as a study file writes them: features, remedies, learners, networks."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from neurograft.config.method_table import (
    ADAPTERS,
    BLIND,
    DESCRIBED,
    FEATURES,
    KNOWN_MEAN,
    LEARNERS,
    LINEAR,
    NETWORKS,
    REMEDIES,
)

# What `stack` and the blends stand for.
STACK = ("encoder", "riemann")
BLENDS = {
    "blend": ("encoder", "random-encoder", "band-power", "riemann"),
    "random-blend": ("random-encoder", "band-power", "riemann"),
}


class Method(NamedTuple):
    """A method that makes predictions, as a study file writes it.

    Attributes:
        name: As written in the study file.
        blocks: Feature sets, each with its adapter after an `@`; several are combined
            by stacking. None for a network.
        learner: What is fitted to them, or the network.
    """

    name: str
    blocks: tuple[str, ...]
    learner: str

    @property
    def features(self) -> tuple[str, ...]:
        """Return the feature sets without adapters."""
        return tuple(split_block(block)[0] for block in self.blocks)

    @property
    def is_network(self) -> bool:
        """Return whether the method trains on windows."""
        return self.learner in NETWORKS

    @property
    def is_linear(self) -> bool:
        """Return whether thousands of label vectors are solved at once."""
        return self.learner in LINEAR

    @property
    def is_blend(self) -> bool:
        """Return whether its feature sets are blended instead of stacked."""
        return self.name in BLENDS

    @property
    def is_blind(self) -> bool:
        """Return whether the method cannot know anything of the brain."""
        return all(name in BLIND for name in self.features) and not self.is_network

    @property
    def is_baseline(self) -> bool:
        """Return whether the method uses no encoder, trained or untrained."""
        roles = {
            DESCRIBED[n].role for n in (*self.features, self.learner) if n in DESCRIBED
        }
        return not roles & {"pretrained", "untrained"}

    @property
    def knows_mean(self) -> bool:
        """Return whether the method is given the mean label of a new site."""
        remedies = {split_block(block)[1] for block in self.blocks}
        return KNOWN_MEAN in remedies or self.learner == "geodesic"

    @property
    def plain(self) -> str:
        """Return the name of the same method without adapters.

        Example:
            >>> parse_method("encoder@recentre+riemann:linear").plain
            'encoder+riemann:linear'
        """
        return re.sub(r"@[\w-]+", "", self.name)


def split_block(block: str) -> tuple[str, str]:
    """Return feature set and adapter; the adapter is empty if there is none.

    Example:
        >>> split_block("riemann@recentre"), split_block("encoder")
        (('riemann', 'recentre'), ('encoder', ''))
    """
    name, _, adapter = block.partition("@")
    return name, adapter


def parse_method(text: str) -> Method:
    """Read a method: `dummy`, a network, or features with adapter and learner.

    Raises:
        ValueError: If a part of it is unknown, or its parts do not go together.

    Example:
        >>> parse_method("connectivity:svm")
        Method(name='connectivity:svm', blocks=('connectivity',), learner='svm')
        >>> parse_method("encoder+band-power").blocks
        ('encoder', 'band-power')
    """
    if text == "dummy" or text in NETWORKS:
        return Method(text, (), text)
    if text == "stack":
        return Method(text, STACK, "linear")
    if text in BLENDS:
        return Method(text, BLENDS[text], "linear")
    names, _, learner = text.partition(":")
    method = Method(text, tuple(names.split("+")), learner or "linear")
    for wrong in _find_mistakes(method):
        raise ValueError(f"method {text!r}: {wrong}")
    return method


def _find_mistakes(method: Method) -> Iterator[str]:
    """Yield the mistakes in a method that learns from features."""
    remedies = [split_block(block)[1] for block in method.blocks if "@" in block]
    known = (
        (method.features, FEATURES, "a feature set (or a network)"),
        (remedies, REMEDIES, "an adapter"),
        ((method.learner,), LEARNERS, "a learner"),
    )  # fmt: skip
    for names, allowed, what in known:
        for name in names:
            if name not in allowed:
                yield f"{name!r} is unknown; {what} is one of {', '.join(allowed)}"
    if method.learner in LINEAR:
        return
    if len(method.blocks) > 1:
        yield "only linear learners are stacked"
    if set(remedies) - set(ADAPTERS):
        yield f"{', '.join(remedies)} needs the linear learner"
    if method.learner == "geodesic" and method.blocks != ("riemann",):
        yield "'geodesic' learns from riemann as it is"
