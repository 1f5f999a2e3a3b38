"""Connections to archives: to the network alone, tried again, never without an end."""

import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from neurograft.errors import DataError

# Chosen here: bytes that are read at once.
PIECE_BYTES = 2**18
# Chosen here: archives answer within seconds; then try again, after a pause.
TIMEOUT_S = 60.0
N_TRIES = 4
PAUSE_S = 1.0
# Chosen here: after this long, what sends fewer bytes in a second is given up.
GRACE_S, SLOWEST_BYTES_PER_S = 60.0, 1000.0
LATER = "check the name and version of the data set, or try again later"
# What a connection that is cut, late or refused looks like.
CUT = (
    urllib.error.URLError,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
    EOFError,
)
# What opens addresses: no files of this machine, no data inside a link.
HANDLERS = (
    urllib.request.ProxyHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPErrorProcessor,
    urllib.request.UnknownHandler,
)


def _make_opener() -> urllib.request.OpenerDirector:
    """Make an opener of addresses on the network alone, also where it is sent on."""
    opener = urllib.request.OpenerDirector()
    for handler in HANDLERS:
        opener.add_handler(handler())
    return opener


OPENER = _make_opener()


def is_on_network(url: str) -> bool:
    """Return whether a link is an address on the network.

    Example:
        >>> is_on_network("https://zenodo.org/x"), is_on_network("http://[::1")
        (True, False)
    """
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def open_address(address: str | urllib.request.Request) -> Any:
    """Open an address on the network."""
    return OPENER.open(address, timeout=TIMEOUT_S)


def read_pieces(answer: Any, url: str) -> Iterator[bytes]:
    """Read what a server sends, piece by piece, as long as it is not too slow.

    Args:
        answer: That is open.
        url: Where it comes from, for the sentence.

    Raises:
        DataError: If it sends next to nothing for longer than `GRACE_S`.
    """
    begin, n_bytes = time.monotonic(), 0
    while piece := answer.read1(PIECE_BYTES):
        n_bytes += len(piece)
        yield piece
        seconds = time.monotonic() - begin
        if seconds > GRACE_S and n_bytes < SLOWEST_BYTES_PER_S * seconds:
            raise DataError(
                f"{url} sends fewer than {SLOWEST_BYTES_PER_S:g} bytes in a second; "
                "run the same command again later: what is there is kept."
            )


def try_again(do: Callable[[], bytes], url: str) -> bytes:
    """Do what needs a connection, again if it is cut, with longer and longer pauses.

    Args:
        do: Reads from the address.
        url: The address, for sentences.

    Raises:
        DataError: If it is cut every time, or the address or its answer is none.
    """
    for attempt in range(1, N_TRIES + 1):
        try:
            return do()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 or attempt == N_TRIES:
                reason = " ".join(str(error.reason).split())
                raise DataError(
                    f"{url} answered {error.code} {reason}; {LATER}."
                ) from error
        except CUT as error:
            if attempt == N_TRIES:
                raise DataError(
                    f"{url} could not be read ({error}); check the connection, then "
                    "run the same command again: what is there is kept."
                ) from error
        except ValueError as error:  # it is sent on to what is no address
            raise DataError(
                f"{url[:200]!r} leads to no address on the network; {LATER}."
            ) from error
        time.sleep(PAUSE_S * 2 ** (attempt - 1))
    raise AssertionError("the last attempt returns or raises")
