"""A cohort that is open: its folder, its table and its recordings, each read once."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from neurograft.cohorts.ages import read_age_unit
from neurograft.cohorts.circumstances import read_circumstances, read_stated
from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.cohorts.participants import read_written_participants
from neurograft.cohorts.people import parse_people
from neurograft.config.cohort import CohortConfig
from neurograft.files.people import People
from neurograft.files.written_tables import mask_missing
from neurograft.recordings.found_recording import FoundRecording


class OpenedCohort:
    """A cohort's folder, whose content is read when first asked for, and kept.

    Args:
        name: Of the cohort.
        folder: Where its recordings lie.
        settings: Its section of the study file.
    """

    def __init__(self, name: str, folder: Path, settings: CohortConfig) -> None:
        self.name, self.folder, self.settings = name, folder, settings

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Return the participants table as text.

        Raises:
            DataError: If it is missing or no table.
        """
        return mask_missing(self.written)

    @cached_property
    def _read(self) -> tuple[pd.DataFrame, list[str]]:
        return read_written_participants(self.folder, self.settings)

    @property
    def written(self) -> pd.DataFrame:
        """Return the participants table with the words that count as missing.

        Raises:
            DataError: If it is missing or no table.
        """
        return self._read[0]

    @property
    def table_notes(self) -> list[str]:
        """Return what was mended in the participants table, in sentences."""
        return self._read[1]

    @cached_property
    def age_unit(self) -> str:
        """Return the unit of ages, as `read_age_unit` finds it."""
        table = self.folder / self.settings.table
        return read_age_unit(table, self.cells, self.settings.age_column)

    @cached_property
    def people(self) -> People:
        """Return the people of the table.

        Raises:
            DataError: If a person has two ages or sexes.
            ConfigError: If the meaning of a code of the sex column is unknown.
        """
        return parse_people(
            self.cells, self.settings, unit=self.age_unit, written=self.written
        )

    @cached_property
    def circumstances(self) -> pd.DataFrame:
        """Return day, hour and device of everybody."""
        return read_circumstances(self.folder, self.cells)

    @cached_property
    def stated(self) -> pd.DataFrame:
        """Return what sidecars state of how everybody was recorded."""
        return read_stated(self.folder)

    @cached_property
    def recordings(self) -> Sequence[FoundRecording]:
        """Return the recordings of the folder.

        Raises:
            DataError: If the folder is missing or holds none.
        """
        return find_recordings(
            self.name, self.folder, self.settings, lambda: self.cells
        )
