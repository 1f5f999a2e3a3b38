"""What every table of a study file is: known keys only, and never changed."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

# Names become names of folders and files.
Name = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$")]


class Section(BaseModel):
    """One table of the study file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
