"""The command that serves the local page."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from neurograft.errors import ConfigError

NEEDED = ("starlette", "uvicorn", "python_multipart")


def serve_page(
    folder: Path,
    /,
    *,
    port: Annotated[int, Parameter()] = 8765,
    upload_limit_mib: PositiveInt = 1024,
    browser: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Serve a local page for those who never open a terminal: patients and studies.

    For example: `neurograft serve neurograft-demo`. The page is for this computer
    alone, and opens by the link that is printed; every link works once.

    Args:
        folder: Folder with study files and results; it may be empty.
        port: Where the page listens on this computer; 0 takes a free one.
        upload_limit_mib: MiB that may be sent at once.
        browser: Open the page in the browser.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"The local page needs {', '.join(missing)}; install it with "
            "pip install 'neurograft[app]'."
        )
    import webbrowser

    from neurograft.app.serving import serve_folder

    is_first = True

    def tell(link: str) -> None:
        nonlocal is_first
        opens = "Open" if is_first else "For another browser"
        print(f"{opens}: {link}", flush=True)
        if is_first:
            print("Ctrl-C ends it and deletes what was sent to it.", flush=True)
            if browser:
                webbrowser.open(link)
        is_first = False

    serve_folder(folder, port=port, limit_mib=upload_limit_mib, tell_link=tell)
    print("Ended; what was sent to it is deleted.")
