"""Files that no reader should see: each is refused with the thing to do."""

import numpy as np
import pytest

from neurograft.errors import DataError
from neurograft.recordings.damage import check_file, has_converted_line_ends


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"/annex/objects/MD5E-s123--abc.edf\n", "placeholder of git-annex or git-lfs"),
        (b"../../.git/annex/objects/x/y.edf\n", "placeholder of git-annex or git-lfs"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "`git lfs pull`"),
    ],
)
def test_placeholders_are_refused(tmp_path, content, reason):
    path = tmp_path / "a.edf"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        check_file(path)


def test_a_link_into_an_annex_that_is_not_here_is_refused(tmp_path):
    path = tmp_path / "a.edf"
    path.symlink_to(".git/annex/objects/gone.edf")
    with pytest.raises(DataError, match="git-annex link without its content"):
        check_file(path)


def test_line_ends_that_were_converted_are_recognised(tmp_path):
    content = np.random.default_rng(0).integers(0, 256, 200_000, np.uint8).tobytes()
    path = tmp_path / "a.edf"
    path.write_bytes(content)
    check_file(path)
    path.write_bytes(content.replace(b"\n", b"\r\n"))
    with pytest.raises(DataError, match="implausible: .* copy in text mode"):
        check_file(path)


def test_text_with_few_lines_is_not_taken_for_damage():
    assert not has_converted_line_ends(b"a\r\n" * 20)
