"""Classes of the user's own, named in a study file as `package.module:Class`."""

import hashlib
import inspect
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from pydantic import StringConstraints

from neurograft.errors import ConfigError

# A module, a colon, and a name in it.
OwnClass = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]


def find_own_class(path: str) -> Any:
    """Import the class that a study file names.

    Args:
        path: `package.module:Class`; the package is installed, or its folder is on
            PYTHONPATH.

    Raises:
        ConfigError: If there is no such module, or no such name in it.
    """
    module, _, name = path.partition(":")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{path}: there is no module {error.name!r}; install the package, or put "
            "its folder on PYTHONPATH."
        ) from error
    if not hasattr(found, name):
        raise ConfigError(f"{path}: the module {module!r} has no {name!r}.")
    return getattr(found, name)


def hash_source(path: str) -> str:
    """Return the hash of the file that holds a class, so that a change is noticed.

    Raises:
        ConfigError: See `find_own_class`.
    """
    source = inspect.getsourcefile(find_own_class(path))
    content = Path(source).read_bytes() if source else path.encode()
    return hashlib.sha256(content).hexdigest()
