"""Dask clusters: connect to one, and spread joblib's work over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from neurograft.errors import ConfigError

TIMEOUT = "10s"


def connect_dask(address: str) -> Any:
    """Connect to a Dask scheduler.

    Raises:
        ConfigError: If distributed is not installed, or there is no scheduler.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError(
            f"--dask {address} needs the package distributed: "
            "pip install 'neurograft[dask]'"
        ) from error
    try:
        return Client(address, timeout=TIMEOUT)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"There is no Dask scheduler at {address}; start one with "
            "`dask scheduler`, or leave --dask out."
        ) from error


@contextmanager
def spread_over(address: str) -> Iterator[None]:
    """Let joblib use the workers of a cluster instead of processes of this machine.

    Args:
        address: Of the Dask scheduler; empty changes nothing.

    Raises:
        ConfigError: If the cluster cannot be reached or has no worker.
    """
    if not address:
        yield
        return
    from joblib import parallel_config

    with connect_dask(address) as client:
        if not client.ncores():
            raise ConfigError(
                f"The Dask scheduler at {address} has no workers; start some with "
                f"`dask worker {address}`."
            )
        with parallel_config(backend="dask", client=client):
            yield
