"""Serve a folder on this computer alone, until the user ends it."""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from neurograft.app.application import AppSettings, build_app
from neurograft.errors import ConfigError
from neurograft.files.lock import hold_folder

# Files of visits lie below the folder that the user named, and nowhere else.
APP_FOLDER = ".neurograft-app"
HOST = "127.0.0.1"
DEFAULT_PORT, DEFAULT_LIMIT_MIB = 8765, 1024


def serve_folder(
    root: Path, *, port: int, limit_mib: int, tell_link: Callable[[str], None]
) -> None:
    """Serve a folder until the process is asked to end.

    Args:
        root: Folder with studies and predictors.
        port: Where to listen; 0 takes one that is free.
        limit_mib: MiB that are taken at once.
        tell_link: Called with every link that lets a browser in, once each.

    Raises:
        ConfigError: If there is no such folder, the port is taken, or another server
            serves the folder.
    """
    if not root.is_dir():
        raise ConfigError(f"There is no folder {root}; name one, or make it first.")
    root = root.resolve()
    folder = root / APP_FOLDER
    with hold_folder(folder, "neurograft serve"), _listen(port) as listening:
        settings = AppSettings(
            root, listening.getsockname()[1], limit_mib * 2**20, tell_link
        )
        app, sessions, _ = build_app(settings, folder)
        tell_link(settings.make_link(sessions.entry_token))
        # Nothing of a patient is logged: addresses hold keys, and are not kept either.
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            ws="none",
            proxy_headers=False,
        )
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def _listen(port: int) -> socket.socket:
    """Open the port, on this computer alone.

    Raises:
        ConfigError: If it is taken.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()  # who comes by the link at once has to wait, and gets in
    except (OSError, OverflowError) as error:
        listening.close()
        raise ConfigError(
            f"Port {port} cannot be used ({error}); name another one with --port, or "
            "--port 0 for one that is free."
        ) from error
    return listening
