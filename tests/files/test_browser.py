"""A page is printed through an installed browser, or one sentence says why not."""

import os
import stat

import pytest

from neurograft.errors import ConfigError, DataError
from neurograft.files.browser import BROWSERS, find_browser, print_page


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("<p>x</p>")
    return path


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a browser of a few lines of shell, and nothing else."""

    def write(script):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        browser = folder / BROWSERS[2]
        browser.write_text(f"#!/bin/sh\n{script}\n")
        browser.chmod(browser.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin-without")
        return browser

    return write


PRINTS = """for a in "$@"; do case "$a" in --print-to-pdf=*)
echo "%PDF" > "${a#--print-to-pdf=}";; esac; done"""


def test_the_pdf_lies_beside_the_page(page, install):
    browser = install(PRINTS)
    assert find_browser() == str(browser)
    target = print_page(page)
    assert target == page.with_name("report.pdf")
    assert target.read_text() == "%PDF\n"


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_a_browser_that_prints_nothing_is_named_and_an_old_pdf_is_kept(
    page, install, script
):
    install(script)
    old = page.with_name("report.pdf")
    old.write_text("old")
    with pytest.raises(DataError, match="did not print .*report.html; open it"):
        print_page(page)
    assert old.read_text() == "old"


def test_without_a_browser_one_sentence_says_what_to_do(page, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="looked for chromium.*print it there"):
        print_page(page)
