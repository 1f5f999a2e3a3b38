"""Names, dates and hospital numbers that stand in the data stand in no result."""

import json
import re

import pytest

from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig

pytestmark = [pytest.mark.study, pytest.mark.slow]
PLANTED = (
    "Huber", "Erika", "Kowalska", "Itoh", "4711234567", "1956-03", "17.03.56",
    "19560317", "2024-01-08",
)  # fmt: skip


def plant(clinic):
    """Write what a clinic writes everywhere where it can write it."""
    table = clinic / "participants.tsv"
    header, *rows = table.read_text().splitlines()
    more = "name\tbirth_date\tdoctor\tnumber\tcomment"
    cells = [
        f"Erika Huber {i}\t1956-03-{17 + i % 9}\tDr {('Kowalska', 'Itoh')[i % 2]}\t"
        f"471123456{i}\tHuber, Erika 17.03.56"
        for i in range(len(rows))
    ]
    whole = zip(rows, cells, strict=True)
    lines = [f"{header}\t{more}", *(f"{row}\t{cell}" for row, cell in whole)]
    table.write_text("\n".join(lines) + "\n")
    for person in sorted(clinic.glob("sub-*")):
        for path in person.glob("eeg/*_eeg.json"):
            told = json.loads(path.read_text()) | {
                "InstitutionName": "Klinik Kowalska",
                "SubjectArtefactDescription": "Erika Huber coughs, 4711234567",
                "EEGReference": "Cz, asked by Dr Itoh",
                "DeviceSerialNumber": "19560317",
            }
            path.write_text(json.dumps(told))
        for path in person.glob("eeg/*_eeg.vmrk"):
            text = path.read_text().rstrip()
            path.write_text(f"{text}\nMk99=Comment,Erika Huber 17.03.56,500,1,0\n")
        for path in person.glob("eeg/*_channels.tsv"):
            header, *rows = path.read_text().splitlines()
            rows = [f"{row}\tHuber moved" for row in rows]
            lines = [f"{header}\tstatus_description", *rows]
            path.write_text("\n".join(lines) + "\n")
        signal = next(person.glob("eeg/*_eeg.vhdr"))
        (person / f"{person.name}_scans.tsv").write_text(
            f"filename\tacq_time\toperator\neeg/{signal.name}\t2024-01-08T09:00:00\tItoh\n"
        )


def test_nothing_that_a_run_writes_or_says_tells_who_somebody_is(tmp_path, run_process):
    sizes = SimulationConfig(
        n_source=2, n_patients=8, n_controls=8, duration_s=30, channels=19,
        size="nano", steps=2, repeats=1, permutations=19,
    )  # fmt: skip
    study = simulate_study(tmp_path, sizes)
    plant(tmp_path / "cohorts" / "clinic")
    asked = ("--set", 'evaluation.methods=["dummy", "band-power", "encoder"]',
             "--set", "evaluation.n_draws=3",
             "--set", "evaluation.n_bootstraps=200")  # fmt: skip
    said = run_process("check", str(study), *asked)
    said += run_process("run", str(study), "--quiet", "-j", 1, *asked)
    written = [path for path in (tmp_path / "results").rglob("*") if path.is_file()]
    assert any(path.name == "report.html" for path in written)
    texts = {"what was said": said}
    for path in written:
        content = path.read_bytes()
        texts[str(path.relative_to(tmp_path))] = content.decode("latin-1")
        texts[f"name of {path.name}"] = path.name
    words = re.compile("|".join(map(re.escape, PLANTED)))
    found = {place: words.findall(text)[:3] for place, text in texts.items()}
    assert {place: told for place, told in found.items() if told} == {}
