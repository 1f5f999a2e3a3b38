"""A specification curve on simulated people: every combination, one joint test."""

import numpy as np
import pytest

from neurograft.cli.application import main
from neurograft.config.study import read_study
from neurograft.errors import ConfigError
from neurograft.files.tables import read_table
from neurograft.files.writing import read_arrays
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig
from neurograft.statistics.specification_curve import judge_specifications
from neurograft.study.opened_study import Study
from neurograft.study.specify import list_specifications
from neurograft.study.stages.harmonise import describe_harmonising
from neurograft.study.stages.pretrain import describe_pretraining

pytestmark = [pytest.mark.study, pytest.mark.slow]
SIZES = SimulationConfig(
    n_source=6, n_patients=14, n_controls=14, duration_s=30, channels=19, size="nano",
    steps=2, repeats=1, permutations=19, effect=2.5,
)  # fmt: skip
CHOICES = """
[specification]
methods = ["band-power", "riemann"]
n_permutations = 59
[specification.choices]
"harmonise.h_freq" = [45.0, 40.0]
"evaluation.windows_per_subject" = [2, 3]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    path = simulate_study(tmp_path_factory.mktemp("specified"), SIZES)
    text = path.read_text().replace("steps = 2", "steps = 2\nbatch_size = 8")
    text = text.replace("[evaluation]", "[evaluation]\nn_bootstraps = 200")
    path.write_text(text + CHOICES)
    return path


@pytest.fixture(scope="module")
def folder(study, run_command):
    said = run_command("specify", study, "--quiet", "-j", 1)
    folder = study.parent / "results" / "specification"
    assert f"Specification curve: {folder}" in said
    return folder


def test_every_combination_has_a_row_with_every_method(folder):
    table = read_table(folder / "specifications.tsv")
    keys = ["task", "method", "harmonise.h_freq", "evaluation.windows_per_subject"]
    assert not table.duplicated(keys).any()
    assert len(table) == 3 * 2 * 4  # tasks, methods, combinations
    for _, own in table.groupby("task"):
        assert own["value"].is_monotonic_increasing
        assert own["rank"].tolist() == list(range(1, 9))
    # The choices do something: not one result in eight copies.
    disease = table[(table["task"] == "disease") & (table["method"] == "band-power")]
    assert disease["value"].nunique() > 1
    assert len(list((folder / "runs").iterdir())) == 2  # harmonised in two ways


def test_the_joint_test_is_that_of_the_permuted_metrics(folder):
    tests = read_table(folder / "tests.tsv").set_index("task")
    assert tests["same_people"].all()
    assert (tests["n_specifications"] == 8).all()
    assert tests.loc["disease", "p_median"] <= 0.05
    table = read_table(folder / "specifications.tsv").query("task == 'disease'")
    assert tests.loc["disease", "median"] == pytest.approx(table["value"].median())
    run = next((folder / "runs").iterdir())
    arrays = read_arrays(run / "evaluation" / "permuted.npz")
    values = arrays["disease:riemann"]
    assert values.shape == (60,)
    alone = judge_specifications(values[:1], values[1:, None])
    row = table[table["method"] == "riemann"]["p_permutation"]
    assert np.isclose(row, alone.p_median).any()


def test_the_curve_is_drawn_with_its_choices(folder):
    page = (folder / "curve-disease.svg").read_text()
    assert page.startswith("<svg")
    for words in ("8 specifications", "h_freq = 40.0", "windows_per_subject = 3"):
        assert words in page


def test_what_is_harmonised_and_pretrained_is_kept(folder, study):
    for one in list_specifications(read_study(study)):
        assert describe_pretraining(Study(one.settings)).is_current()
        for cohort in one.settings.used_cohorts:
            assert describe_harmonising(Study(one.settings), cohort).is_current()


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("specification.choices={'harmonise.h_freqq'=[1, 2]}", "did you mean 'h_freq'"),
        ("specification.choices={'harmonise.h_freq'=[45.0, 90.0]}", "h_freq=90"),
        ("specification.choices={'harmonise.h_freq'=[45.0]}", "leaves no choice"),
        ("specification.choices={'tasks.age'=[1, 2]}", "is no setting of harmonise"),
        ("specification.methods=['riemann:svm']", "has no batched permutations"),
        ("specification.choices={}", "There is nothing to specify"),
    ],
)
def test_choices_that_are_none_are_one_sentence(study, capsys, setting, words):
    with pytest.raises(SystemExit) as stopped:
        main(["specify", str(study), "--quiet", "--set", setting])
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err


def test_combinations_that_harmonise_alike_follow_each_other(study):
    found = list_specifications(read_study(study))
    folders = [one.settings.output_folder for one in found]
    assert folders[0] == folders[1] != folders[2] == folders[3]
    assert found[0].choices == {
        "harmonise.h_freq": 45.0, "evaluation.windows_per_subject": 2,
    }  # fmt: skip
    assert found[3].settings.evaluation.windows_per_subject == 3
    assert found[3].settings.evaluation.labels_per_class == ()
    with pytest.raises(ConfigError, match="nothing to specify"):
        list_specifications(read_study(study, ["specification.choices={}"]))
