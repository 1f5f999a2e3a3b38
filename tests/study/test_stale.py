"""Whatever a stage reads stands in its fingerprint: a change makes its results old."""

import json

import pytest

from neurograft.files.writing import write_text
from neurograft.models.saving import CARD_FILE
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import describe_evaluation
from neurograft.study.stages.shift import describe_shift


@pytest.fixture
def study(make_small_clinic, tmp_path):
    return make_small_clinic(tmp_path)


def change_label(study):
    path = study.data_folder / "clinic" / "participants.tsv"
    path.write_text(path.read_text().replace("patient", "control", 1))


def add_column(study):
    path = study.data_folder / "clinic" / "participants.tsv"
    header, *rows = path.read_text().splitlines()
    rows = [f"{row}\tward {i % 2}" for i, row in enumerate(rows)]
    path.write_text("\n".join([f"{header}\tward", *rows]) + "\n")


def add_scans(study):
    signal = next((study.data_folder / "clinic" / "sub-001").glob("eeg/*_eeg.vhdr"))
    write_text(
        signal.parent.parent / "sub-001_scans.tsv",
        f"filename\tacq_time\neeg/{signal.name}\t2024-01-08T09:00:00\n",
    )


def name_device(study):
    path = next((study.data_folder / "clinic" / "sub-002").glob("eeg/*_eeg.json"))
    told = json.loads(path.read_text()) | {"Manufacturer": "Another"}
    path.write_text(json.dumps(told))


def describe(study):
    opened = Study(study)
    stages = describe_evaluation(opened), describe_shift(opened)
    return [stage.fingerprint for stage in stages]


@pytest.mark.parametrize("change", [change_label, add_column, add_scans, name_device])
def test_what_is_known_of_people_is_read_by_evaluation_and_shift(study, change):
    before = describe(study)
    assert describe(study) == before
    change(study)
    assert not set(describe(study)) & set(before)


def test_the_column_of_sites_is_read_too(study):
    add_column(study)
    before = describe(study)
    clinic = study.cohorts["clinic"].model_copy(update={"site_column": "ward"})
    assert not set(
        describe(study.model_copy(update={"cohorts": {"clinic": clinic}}))
    ) & (set(before))


def test_the_card_of_the_encoder_is_read_by_the_evaluation(study):
    folder = Study(study).encoder_folder
    write_text(folder / CARD_FILE, '{"seen_subjects": ["a"]}')
    before = describe(study)[0]
    write_text(folder / CARD_FILE, '{"seen_subjects": []}')
    assert describe(study)[0] != before
