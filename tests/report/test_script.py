"""What the page does when somebody sorts a table or prints, in a browser."""

import re
import subprocess

import pytest

from neurograft.errors import ConfigError
from neurograft.files.browser import find_browser
from neurograft.report.parts import read_part

SAID = '{"copy": "Copy", "copied": "Copied", "download": "Download", "sort": "Sort"}'


@pytest.fixture
def act(tmp_path):
    """Open a table in a browser, do something, and return what the page is then."""
    try:
        browser = find_browser()
    except ConfigError:
        pytest.skip("no browser is installed")

    def act(cells, actions):
        rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in cells)
        page = tmp_path / "page.html"
        page.write_text(
            '<!doctype html><meta charset="utf-8"><details><p>Folded</p></details>'
            '<div class="table" data-name="t"><table>'
            f"<thead><tr><th>Head</th></tr></thead><tbody>{rows}</tbody></table></div>"
            f"<script>const said = {SAID};\n"
            f"{read_part('script.js')}\n{actions}</script>",
            encoding="utf-8",
        )
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu",
                   f"--user-data-dir={tmp_path}/profile", "--dump-dom",
                   page.as_uri()]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.split("<script>")[0]

    return act


SORT = "document.querySelector('th button').click();"


@pytest.mark.parametrize(
    ("cells", "clicks", "wanted"),
    [
        (["sub-10", "", "sub-2"], 1, ["sub-2", "sub-10", ""]),
        (["0.5", "", "&lt; 0.001", "0.02"], 1, ["&lt; 0.001", "0.02", "0.5", ""]),
        (["-0.2 [-1, 1]", "", "+0.3 [0, 1]"], 2, ["+0.3 [0, 1]", "-0.2 [-1, 1]", ""]),
    ],
)
def test_numbers_and_labels_are_sorted_and_the_empty_come_last(
    act, cells, clicks, wanted
):
    page = act(cells, SORT * clicks)
    assert re.findall(r"<td>(.*?)</td>", page) == wanted


def test_printing_unfolds_and_what_follows_folds_again(act):
    before = "dispatchEvent(new Event('beforeprint'));"
    printed = act(["1"], before)
    assert '<details open=""' in printed
    assert "<button" not in printed[printed.index("<th") : printed.index("</th>")]
    after = act(["2", "1"], before + "dispatchEvent(new Event('afterprint'));" + SORT)
    assert "<details>" in after
    assert re.findall(r"<td>(.*?)</td>", after) == ["1", "2"]
