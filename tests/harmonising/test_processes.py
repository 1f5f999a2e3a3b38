"""Children that harmonise end with a reason, whatever ends them."""

import subprocess
import sys
import time

from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.files.keys import RecordingKey
from neurograft.harmonising import processes
from neurograft.harmonising.one_recording import make_request
from neurograft.recordings.found_recording import FoundRecording


def test_a_child_that_was_ended_for_its_time_is_told_from_one_that_crashed(
    monkeypatch,
):
    class Slow(subprocess.Popen):
        def kill(self):
            super().kill()
            time.sleep(0.5)  # its end is seen before the watchdog is done

    command = (sys.executable, "-c", "import time; time.sleep(60)")
    monkeypatch.setattr(processes, "COMMAND", command)
    monkeypatch.setattr(processes.subprocess, "Popen", Slow)
    monkeypatch.setattr(processes, "bound_seconds", lambda _: 0.2)
    processes.close_workers()
    request = {"do": "inspect", "key": ["clinic", "sub-1"], "path": "nowhere"}
    row = processes.run_isolated(request)
    assert row["reason"] == "the file was read for 0 s without an end"


def test_a_child_that_was_warmed_up_takes_the_next_recording(tmp_path):
    processes.close_workers()
    processes.warm_up()
    (waiting,) = processes._idle
    found = FoundRecording(RecordingKey("c", "a"), tmp_path / "nothing.edf", None)
    request = make_request(found, tmp_path, CohortConfig(folder="."), HarmoniseConfig())
    row = processes.run_isolated(request | {"do": "inspect"})
    assert row["status"] == "refused"
    assert processes._idle == [waiting]
