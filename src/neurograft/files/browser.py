"""Print a page as PDF through a browser that is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from neurograft.errors import ConfigError, DataError

# Names of browsers that print without a window.
BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "msedge", "brave-browser",
)  # fmt: skip
# Chromium's sandbox does not start for root, as in containers.
AS_ROOT = ("--no-sandbox",)
# Chosen here: a page of forty tasks takes seconds.
MAX_SECONDS = 120


def print_page(page: Path) -> Path:
    """Print a page as PDF beside it, and return the path of the PDF.

    Args:
        page: An HTML file.

    Raises:
        ConfigError: If no browser is found.
        DataError: If the browser prints nothing.
    """
    browser = find_browser()
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "page.pdf"
        command = [
            browser,
            *AS_ROOT[: _is_root()],
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={printed}",
            page.resolve().as_uri(),
        ]
        try:
            subprocess.run(
                command, capture_output=True, timeout=MAX_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DataError(_say_failed(browser, page)) from error
        if not printed.is_file():
            raise DataError(_say_failed(browser, page))
        shutil.copyfile(printed, target)
    return target


def find_browser() -> str:
    """Return the path of a browser that can print.

    Raises:
        ConfigError: If none is found.
    """
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise ConfigError(
        f"No browser that prints was found (looked for {', '.join(BROWSERS)}); install "
        "one, or open report.html and print it there."
    )


def _is_root() -> bool:
    return getattr(os, "geteuid", lambda: 1)() == 0


def _say_failed(browser: str, page: Path) -> str:
    return f"{browser} did not print {page}; open it in a browser and print it there."
