"""Ask questions in the terminal, or take what is proposed where nobody can answer."""

import sys
from collections.abc import Sequence

from neurograft.errors import ConfigError
from neurograft.files.text import fold


class Asker:
    """Asks in the terminal; elsewhere it takes what is proposed, or refuses.

    Args:
        is_silent: Whether proposals are taken without a question.
    """

    def __init__(self, *, is_silent: bool) -> None:
        self.is_silent = is_silent or not sys.stdin.isatty()

    def ask(self, what: str, option: str, choices: Sequence[str], proposed: str) -> str:
        """Ask for one of some choices.

        Args:
            what: What is asked for.
            option: That answers it beforehand.
            choices: What may be answered, one at least.
            proposed: Taken if nothing is answered; empty proposes nothing.

        Raises:
            ConfigError: If nobody can be asked, and nothing is proposed.
        """
        if self.is_silent:
            if proposed:
                print(f"{what}: {proposed} (give {option} for another)")
                return proposed
            raise ConfigError(
                f"{what} is not clear; give {option}, one of {', '.join(choices)}."
            )
        while True:
            hint = f" [{proposed}]" if proposed else ""
            said = _read_line(f"{what}, one of {', '.join(choices)}{hint}: ")
            if not said and proposed:
                return proposed
            found = find_choice(said, choices)
            if found:
                return found
            print(f"{said!r} is none of them.")


def find_choice(said: str, choices: Sequence[str]) -> str:
    """Find the choice that was said, or the only one in other case; else nothing.

    Example:
        >>> find_choice("hc", ["HC", "PD"]), find_choice("x", ["HC", "PD"])
        ('HC', '')
    """
    alike = [one for one in choices if one.casefold() == said.casefold()]
    if said in choices:
        return said
    return alike[0] if len(alike) == 1 else ""


def _read_line(question: str) -> str:
    """Read an answer.

    Raises:
        ConfigError: If the input has ended.
    """
    try:
        return fold(input(question))
    except EOFError as end:
        print()
        raise ConfigError(
            "The input ended before everything was answered; nothing was written."
        ) from end
