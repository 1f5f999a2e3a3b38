"""Every reason, repair and note that the code writes has its German."""

import ast
from itertools import product
from pathlib import Path

import pytest

import neurograft
from neurograft.files.written_tables import MENDED
from neurograft.recordings.opening import KNOWN_WARNINGS
from neurograft.report.blocks import Foreign
from neurograft.report.documents.reasons import generalise, say_reason

SOURCE = Path(neurograft.__file__).parent
# Where recordings are read, judged and left out, and their side files are read.
FILES = sorted(
    path
    for part in (
        "recordings/*.py", "harmonising/*.py", "files/text.py",
        "files/written_tables.py", "montage/channels.py", "montage/electrodes.py",
        "cohorts/finding/*.py",
    )
    for path in SOURCE.glob(part)
)  # fmt: skip
DATA_ERRORS = ("DataError", "ChannelError", "UnitError")
# Files whose functions return reasons.
RETURNS = ("processes", "cleaning", "plain_folders", "stray_recordings")
NOTED = ("electrodes", "cleaning")
LISTS = ("repairs", "notes", "opened.repairs", "opened.notes")
# Errors that end a run or a command, and what no list of names is: no table has them.
ENDS_A_RUN = (
    "Cohort ", "The longest usable stretch", "harmonised anew it is not",
    " is not BIDS", "()", "is not a table that can be read", " holds no recording",
)  # fmt: skip
# Names of variables that hold a text, with the texts they may hold.
TEXTS = {
    "hint": [
        'correct the unit, or declare units = "arbitrary"',
        "off by about 7? All channels agree: set unit_factor = 7 to repair it, or "
        'declare units = "arbitrary"',
    ],
    "differ": ["", ", although they differ"],
    "what": ["semicolons", "commas"],
    "words": list(MENDED.values()),
    "_name_lines(lines[kind])": ["line 3, 4, ..."],
    "', '.join(codes[:8]) or 'no event codes'": ["no event codes", "a, b"],
    "shown": ["", " (7 Hz)"],
    "reason": ["not scalp EEG"],
    "named": ["Cz flat"],
}


def fill_in(node):
    """List the texts that an expression may be; placeholders hold a number."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.BinOp):
        pairs = product(fill_in(node.left), fill_in(node.right))
        return [first + second for first, second in pairs]
    if isinstance(node, ast.JoinedStr):
        return ["".join(one) for one in product(*map(fill_in, node.values))]
    if isinstance(node, ast.FormattedValue):
        is_share = node.format_spec and ast.unparse(node.format_spec).endswith("%'")
        return TEXTS.get(ast.unparse(node.value), ["7%" if is_share else "7"])
    return []


def find_written(node, stem):
    """Return the expression of a reason, repair or note; None if there is none."""
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[first, *_])):
            return first if name in DATA_ERRORS else None
        case ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[first]):
            return first if ast.unparse(owner) in LISTS else None
        case ast.Assign(targets=[ast.Name(id="reason" | "text" | "problem")]):
            return node.value
        case ast.Call(func=ast.Name(id="_Named"), args=[_, _, _, problem]):
            return problem
        case ast.keyword(arg="problem"):
            return node.value
        case ast.Return(value=ast.JoinedStr() | ast.Constant()):
            return node.value if stem in RETURNS else None
        case ast.Return(value=ast.Tuple(elts=[_, note])):
            return note if stem in NOTED else None
    return None


def list_texts(path):
    """List reasons, repairs and notes that a file of code writes."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [text for node in nodes for text in fill_in(find_written(node, path.stem))]


TEXT = sorted(
    {
        text
        for path in FILES
        for text in list_texts(path)
        if " " in text and not any(part in text for part in ENDS_A_RUN)
    }
    | set(KNOWN_WARNINGS.values())
)


def test_the_reasons_are_found_in_the_code():
    assert len(TEXT) > 90
    assert "the signal is constant on most channels" in TEXT
    assert any(text.startswith("the file is cut off") for text in TEXT)
    assert "its name does not end in _eeg, as BIDS asks" in TEXT
    assert "its name begins with no label of the table" in TEXT


@pytest.mark.parametrize("text", TEXT)
def test_every_reason_in_the_code_has_its_german(text):
    said = say_reason(text, "de")
    assert not isinstance(said, Foreign)
    assert said != text
    assert say_reason(text, "en").replace(", and 6 more", "") == text.removesuffix(".")
    assert generalise(text, "de") != generalise(text, "en")
