"""The study file: what is accepted, and what the refusal says."""

from pathlib import Path

import pytest

from neurograft.config.evaluation import METHODS
from neurograft.config.methods import parse_method
from neurograft.config.section import list_settings
from neurograft.config.study import StudyConfig, read_study
from neurograft.errors import ConfigError

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
STUDY = """
name = "Test"
data_folder = "data"
output_folder = "out"
[cohorts.public]
folder = "public"
[cohorts.clinic]
folder = "clinic"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
"""


@pytest.fixture
def write(tmp_path):
    def write_study(text=STUDY):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_study


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_valid_study(path):
    study = read_study(path)
    assert study.all_tasks or study.pretraining.name == "shipped-tiny"
    assert all(cohort in study.cohorts for cohort in study.target_cohorts)


def test_the_pain_example_asks_what_a_clinician_would():
    study = read_study(EXAMPLES[[path.stem for path in EXAMPLES].index("pain")])
    subtypes = ("back", "widespread", "joint", "neuropathic")
    for subtype in subtypes:
        assert f"pain_{subtype}_vs_matched" in study.all_tasks
    assert sum("_vs_" in name for name in study.all_tasks) == 2 + 8 + 6 + 1
    assert study.all_tasks["eyes_closed_vs_open"].kind == "contrast"


def test_folders_are_relative_to_the_study_file(write, tmp_path):
    study = read_study(write())
    assert study.data_folder == tmp_path / "data"
    assert study.output_folder == tmp_path / "out"
    assert study.cohort_folder("clinic") == tmp_path / "data" / "clinic"


def test_cohorts_without_a_task_are_pretrained_on(write):
    study = read_study(write())
    assert study.source_cohorts == ("public",)
    assert study.target_cohorts == ("clinic",)


def test_settings_given_on_the_command_line_win(write):
    overrides = ["pretraining.steps=7", "name=Other", "evaluation.methods=['dummy']"]
    study = read_study(write(), overrides)
    assert study.pretraining.steps == 7
    assert study.name == "Other"
    assert study.evaluation.methods == ("dummy",)
    assert read_study(write()).evaluation.methods == METHODS


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "pretraining.stepz=7",
            "unknown setting 'stepz' in .pretraining.; did you mean 'steps'",
        ),
        (
            "evaluation.label_budgets=[5]",
            "unknown setting 'label_budgets' in .evaluation.; did you mean "
            "'labels_per_class'",
        ),
        (
            "comparison.budgets=[10]",
            "unknown setting 'budgets' in .comparison.; did you mean "
            "'labels_per_class'",
        ),
        ("tasks.disease.colum='x'", "did you mean 'column'"),
        ("cohort='x'", "unknown setting 'cohort' in the study; did you mean 'cohorts'"),
        ("qqqq=1", "known are: name"),
        ("pretraining.steps=0", "pretraining.steps = 0: it must be at least 1"),
        ("pretraining.size='huge'", "'nano', 'tiny', 'small' or 'base'"),
        ("pretraining.objectives=[]", "needs at least one objective"),
        ("pretraining.objectives=[{}]", "needs at least one objective"),
        ("pretraining.objectives=[{mea=1.0}]", "'mae'"),
        ("pretraining.objectives=[{mae=0.0}]", "greater than 0"),
        ("pretraining.shipped='huge'", "'' or 'tiny'"),
        ("pretraining.cohorts=['nowhere']", "cohort 'nowhere' is not in .cohorts."),
        ("pretraining.cohorts", "is not of the form section.key=value"),
        ("tasks.../x.kind=1", "use letters, digits, '.'"),
        ("name.x=1", "'name' is not a section"),
        ("harmonise.h_freq=100", "needs sfreq of at least 222 Hz"),
        ("tasks.disease.negative=[]", "needs `positive` and `negative`"),
        ("tasks.disease.negative=['patient']", "stand in both"),
        (
            "tasks.x={kind='ordinal', cohort='clinic', column='group', "
            "classes={a=['1'], b=['1'], c=['2']}}",
            "stand in more than one of `classes`",
        ),
        ("tasks.disease.kind='regression'", "takes no `positive`"),
        ("tasks.disease.cohort='other'", "cohort 'other' is not in"),
    ],
)
def test_a_wrong_setting_is_named_with_the_nearest_right_one(write, override, message):
    with pytest.raises(ConfigError, match=message) as caught:
        read_study(write(), [override])
    assert "\n" not in str(caught.value)


def test_a_missing_setting_is_named(write):
    with pytest.raises(
        ConfigError, match="tasks.disease: classification needs a `column`"
    ):
        read_study(write(STUDY.replace('column = "group"', "")))


def test_a_study_needs_a_task_and_a_source(write):
    with pytest.raises(ConfigError, match="at least one"):
        read_study(write(STUDY.split("[tasks")[0] + "[tasks]"))
    alone = STUDY.replace('[cohorts.public]\nfolder = "public"', "")
    with pytest.raises(ConfigError, match="none is left to pretrain on"):
        read_study(write(alone))


def test_a_study_file_that_is_missing_or_not_toml_is_one_sentence(write, tmp_path):
    with pytest.raises(ConfigError, match="There is no study file"):
        read_study(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        read_study(write("name = "))


def test_every_setting_has_a_text():
    settings = list(list_settings(StudyConfig))
    names = [name for name, *_ in settings]
    assert "cohorts.<name>.folder" in names
    assert "pretraining.steps" in names
    assert all(text for _, _, _, text in settings)
    steps = next(one for one in settings if one[0] == "pretraining.steps")
    assert steps[1:3] == ("int >= 1, <= 100,000,000", "8000")
    kinds = {name: kind for name, kind, *_ in settings}
    assert kinds["comparison.left_out"] == "list of list of str"
    assert kinds["tasks.<name>.classes"] == "table of list of str"
    assert kinds["evaluation.montage"] == "'common' or 'template'"
    assert not any("[" in kind or "typing" in kind for kind in kinds.values())


def test_methods_with_adapters_are_read_and_strange_ones_named():
    method = parse_method("encoder@recentre+riemann@euclid")
    assert method.blocks == ("encoder@recentre", "riemann@euclid")
    assert method.features == ("encoder", "riemann")
    assert method.plain == "encoder+riemann"
    assert parse_method("band-power@combat:svm").plain == "band-power:svm"
    with pytest.raises(ValueError, match="'recenter' is unknown; an adapter is one of"):
        parse_method("encoder@recenter")


def test_a_prevalence_is_of_a_task_that_is_there(write):
    told = (
        '\n[report]\nprevalence_source = "a survey"\nprevalence = { dieease = 0.1 }\n'
    )
    with pytest.raises(ConfigError, match="dieease"):
        read_study(write(STUDY + told))
