"""Style of figures: colours, and the order of methods."""

import re
from collections.abc import Sequence

from neurograft.config.method_table import DESCRIBED

INK = "#1f2933"
GREY = "#8a94a0"
BLUE = "#1f6feb"
ORANGE = "#c2570c"


def sort_methods(names: Sequence[str]) -> list[str]:
    """Sort methods in the order of the method table: by the last feature set they use.

    Example:
        >>> sort_methods(["encoder:svm", "encoder", "riemann+band-power", "dummy"])
        ['dummy', 'riemann+band-power', 'encoder', 'encoder:svm']
    """
    order = list(DESCRIBED)

    def rank(name: str) -> tuple[int, int, str]:
        places = [order.index(part) for part in split_method(name) if part in order]
        return max(places, default=len(order)), len(name), name

    return sorted(names, key=rank)


def split_method(method: str) -> list[str]:
    """Split a method into feature sets, without adapters and learner."""
    return re.sub(r"@[\w-]+", "", method.partition(":")[0]).split("+")


def choose_colour(method: str) -> str:
    """Return blue for pretrained methods, orange for untrained twins, else ink."""
    roles = {DESCRIBED[part].role for part in split_method(method) if part in DESCRIBED}
    if "pretrained" in roles:
        return BLUE
    return ORANGE if "untrained" in roles else INK
