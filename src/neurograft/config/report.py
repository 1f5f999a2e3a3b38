"""`[report]`: what only the author knows, and the language of the page."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from neurograft.config.section import Name, Section

Language = Literal["en", "de"]
# Free text in the author's own words; blanks alone count as nothing said.
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]
Share = Annotated[float, Field(gt=0, lt=1)]


class ReportConfig(Section):
    """Words of the author for the checklists of the report; blank ones stay open."""

    language: Language = Field("en", description="Language of the report.")
    background: Words = Field(
        "", description="Medical question, and what is known about it so far."
    )
    intended_use: Words = Field(
        "", description="For whom and at what point of care a model is meant."
    )
    inequalities: Words = Field(
        "", description="Known differences in care or outcome between groups of people."
    )
    setting: Words = Field(
        "", description="Where people were recruited: kind, number and place of sites."
    )
    dates: Words = Field(
        "", description="Dates of recruitment and of recording, in your own words."
    )
    eligibility: Words = Field(
        "", description="Who could take part, and who could not."
    )
    treatments: Words = Field(
        "", description="Treatments and medication of the people, at the recording too."
    )
    diagnosis: Words = Field(
        "", description="How the diagnoses or scores were made, and by which criteria."
    )
    assessors: Words = Field(
        "", description="Training and experience of those who made the diagnoses."
    )
    blinding: Words = Field(
        "", description="What those who made the diagnoses knew of the EEG."
    )
    acquisition: Words = Field(
        "",
        description="Amplifier, cap, impedances, room, and what people were to do.",
    )
    sample_size: Words = Field(
        "", description="How the number of people was arrived at."
    )
    ethics: Words = Field(
        "", description="Ethics committee and number of the approval."
    )
    consent: Words = Field("", description="How people consented, or why not.")
    funding: Words = Field("", description="Funders, and their part in the study.")
    conflicts: Words = Field("", description="Conflicts of interest of the authors.")
    protocol: Words = Field(
        "", description="Where the study protocol can be read, or that there is none."
    )
    registration: Words = Field(
        "", description="Register and number of the study, or that there is none."
    )
    data_availability: Words = Field(
        "", description="Where, how and for whom the data are available."
    )
    code_availability: Words = Field(
        "", description="Where the code and the study file are available."
    )
    involvement: Words = Field(
        "", description="How patients and the public were involved, or that none were."
    )
    interpretation: Words = Field(
        "", description="What the results mean, also beside earlier studies."
    )
    limitations: Words = Field(
        "", description="Limits of the study, and how they may have moved the results."
    )
    users: Words = Field(
        "", description="What users of a model must do and be able to do."
    )
    next_steps: Words = Field(
        "", description="What must be studied next, and where else it may apply."
    )
    prevalence: Share | dict[Name, Share] | None = Field(
        None,
        description="Share of people with the disease where a model is to be used, "
        "between 0 and 1; one number, or one by task, for example { disease = 0.02 }. "
        "Predictive values are computed only with it.",
        examples=[0.02],
    )
    prevalence_source: Words = Field(
        "", description="Source of the prevalence; needed with it."
    )
    owner: Words = Field("", description="Who answers for the study.")
    contact: Words = Field("", description="Address for questions.")

    @model_validator(mode="after")
    def _prevalence_has_a_source(self) -> "ReportConfig":
        if self.prevalence is not None and not self.prevalence_source:
            raise ValueError(
                "a prevalence needs its source; set report.prevalence_source"
            )
        return self

    def find_prevalence(self, task: str) -> float | None:
        """Return the prevalence that the author declares for a task, None if none.

        Example:
            >>> told = ReportConfig(prevalence={"a": 0.1}, prevalence_source="a survey")
            >>> told.find_prevalence("a"), told.find_prevalence("b")
            (0.1, None)
        """
        if isinstance(self.prevalence, dict):
            return self.prevalence.get(task)
        return self.prevalence
