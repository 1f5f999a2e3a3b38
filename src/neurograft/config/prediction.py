"""`[prediction]`: with whom a new person is compared."""

from pydantic import Field, model_validator

from neurograft.config.section import Section


class PredictionConfig(Section):
    """Healthy people with whom the page of a new person compares the EEG."""

    healthy: tuple[str, ...] = Field(
        (),
        description="Values that mean healthy, for example ['control']; pages then "
        "compare a person with the healthy people of that age. Empty "
        "compares with nobody.",
    )
    healthy_column: str = Field(
        "",
        description="Column of the participants table that holds these values, for "
        "example 'group'; empty takes the column of the task, of brain age its "
        "reference_column.",
    )

    @model_validator(mode="after")
    def _column_has_values(self) -> "PredictionConfig":
        if self.healthy_column and not self.healthy:
            raise ValueError(
                "healthy_column needs values that mean healthy; set prediction.healthy"
            )
        return self
