"""Forms of numbers and dates that a cell or a header may keep.

A number with many digits may be that of a hospital, an insurance or a telephone, and a
date of birth can be written as a number: `19610317`, `170361`, `17.031961`.
"""

import re
from collections.abc import Iterable

# A run of so many digits may be a date or a number of a person. Chosen here.
LONG_DIGITS = re.compile(r"\d{5}")
# Digits in front of and behind the decimal point of a number that stays. Chosen here:
# five tell a count or a day in seconds, six behind it a microvolt or a microsecond.
MAX_WHOLE_DIGITS, MAX_DECIMALS = 5, 6
NUMBER = re.compile(r"[+-]?(?P<whole>\d*)([.,](?P<decimals>\d*))?([eE][+-]?\d{1,2})?")
# 17.03.1961, 17/3/61, 1961-03-17, 1961-03; also without the second mark.
DATE = re.compile(
    r"(?<!\d)(\d{1,2}\s?(?P<mark>[./-])\s?\d{1,2}\s?(?P=mark)\s?(\d{4}|\d{2})"
    r"|(19|20)\d{2}\s?[./-]\s?\d{1,2}([./-]\d{1,2})?"
    r"|(0?[1-9]|[12]\d|3[01])[.,](0[1-9]|1[0-2])(19|20)\d{2}"
    r"|(0?[1-9]|1[0-2])[./-](19|20)\d{2})(?!\d)"
)
# Dates that are written as numbers: 17.031961, and the months 03.1961 and 10.1961.
DATE_NUMBER = re.compile(
    r"(0?[1-9]|[12]\d|3[01])[.,](0[1-9]|1[0-2])(19|20)\d{2}"
    r"|(0[1-9]|1[0-2])[.,](19|20)\d{2}"
)
# A month that may as well be a measured number: 3.1961.
MONTH = re.compile(r"(0?[1-9]|1[0-2])[.,](19|20)\d{2}")
# Whole numbers that may be the year of a birth or a visit. Chosen here.
FIRST_YEAR, LAST_YEAR = 1900, 2035


def is_plain_number(
    text: str, *, whole: int = MAX_WHOLE_DIGITS, decimals: int = MAX_DECIMALS
) -> bool:
    """Return whether a text is a number of few digits, and no date.

    Args:
        text: Of a cell or an entry.
        whole: Digits in front of the point, at most.
        decimals: Digits behind it, at most.

    Example:
        >>> is_plain_number("15.4883"), is_plain_number("1e-05")
        (True, True)
        >>> is_plain_number("4711234"), is_plain_number("17.031961")
        (False, False)
    """
    text = text.strip()
    is_short = has_few_digits(text, whole=whole, decimals=decimals)
    return is_short and DATE_NUMBER.fullmatch(text) is None


def has_few_digits(text: str, *, whole: int, decimals: int) -> bool:
    """Return whether a text is a number of so many digits, at most.

    Args:
        text: Of a cell or an entry.
        whole: Digits in front of the point.
        decimals: Digits behind it.
    """
    match = NUMBER.fullmatch(text.strip())
    if match is None:
        return False
    n_whole, n_decimals = len(match["whole"]), len(match["decimals"] or "")
    return n_whole + n_decimals > 0 and n_whole <= whole and n_decimals <= decimals


def holds_date(text: str) -> bool:
    """Return whether a date stands in a text.

    Example:
        >>> holds_date("since 17.03.1961"), holds_date("2019-03"), holds_date("3.5")
        (True, True, False)
    """
    return DATE.search(text) is not None


def holds_long_number(text: str) -> bool:
    """Return whether five digits stand side by side."""
    return LONG_DIGITS.search(text) is not None


def are_months(texts: Iterable[str]) -> bool:
    """Return whether at least half of the numbers with decimals may be months of years.

    Example:
        >>> are_months(["3.1991", "7"]), are_months(["3.1991", "4.51", "2.7"])
        (True, False)
    """
    broken = [text.strip() for text in texts if re.search(r"\d[.,]\d", text)]
    n_months = sum(MONTH.fullmatch(text) is not None for text in broken)
    return n_months > 0 and 2 * n_months >= len(broken)


def is_year(text: str) -> bool:
    """Return whether a text is a whole number that may be a year.

    Example:
        >>> is_year("1961"), is_year("1961.0"), is_year("1961.5"), is_year("61")
        (True, True, False, False)
    """
    match = re.fullmatch(r"\+?(\d{4})(?:[.,]0*)?", text.strip())
    return match is not None and FIRST_YEAR <= int(match[1]) <= LAST_YEAR
