"""Child processes that harmonise: a reader that crashes takes down only its own.

joblib's processes end a whole run when one of them dies, and Dask's may have no
children of their own kind, so each job is handed to a child over a pipe, as JSON. The
same function serves threads of this process and workers of a Dask cluster.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from joblib import Parallel, delayed

from neurograft.errors import WriteError
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.bounds import bound_seconds, count_bytes

# One thread for each child: there are as many children as the user wants processes.
CHILD_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}
# What a recording is called that its child could not bring back.
DROPPED = {"harmonise": "dropped", "inspect": "refused", "show": "dropped"}
COMMAND = (sys.executable, "-m", "neurograft.harmonising.one_recording")

_idle: list["subprocess.Popen[str]"] = []
_lock = threading.Lock()
_all: set["subprocess.Popen[str]"] = set()


def run_isolated(request: dict[str, Any]) -> dict[str, Any]:
    """Harmonise or inspect one recording in a child process.

    Returns:
        The recording's row; if the child died, took too long or met a mistake of ours,
        a row that says so. None of its sentences holds text of the file.

    Raises:
        WriteError: If a result cannot be written.
    """
    child = _take_child()
    line = ""
    limit_s = bound_seconds(count_bytes(request["path"]))
    late = threading.Event()
    watchdog = threading.Timer(limit_s, _end, (child, late))
    watchdog.daemon = True
    watchdog.start()
    with suppress(BrokenPipeError):
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
    watchdog.cancel()
    if not line.endswith("\n"):
        late_s = limit_s if late.is_set() else None
        return _make_dropped_row(request, _explain_death(child, late_s))
    answer = json.loads(line)
    if "bug" in answer:
        _bury(child)
        return _make_dropped_row(request, f"the reader failed ({answer['bug']})")
    with _lock:
        _idle.append(child)
    if "stop" in answer:
        raise WriteError(answer["stop"])
    row: dict[str, Any] = answer["row"]
    return row


def _end(child: "subprocess.Popen[str]", late: threading.Event) -> None:
    """End a child that takes too long; its reason is there before its end is seen."""
    late.set()
    child.kill()


def _take_child() -> "subprocess.Popen[str]":
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.poll() is None:
                return child
    return _start_child()


def warm_up() -> None:
    """Start a child that waits, so that it loads its readers while others load."""
    child = _start_child()
    with _lock:
        _idle.append(child)


def _start_child() -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | CHILD_ENVIRONMENT,
        start_new_session=True,  # an interrupt is for the parent to handle
    )
    with _lock:
        _all.add(child)
    return child


def _explain_death(child: "subprocess.Popen[str]", late_s: float | None) -> str:
    """Say why a child ended without an answer; `late_s` is how long it was given."""
    code = _bury(child)
    if late_s is not None:
        return f"the file was read for {late_s:.0f} s without an end"
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"the reader of this file ended its process: {name}{hint}"


def _make_dropped_row(request: dict[str, Any], reason: str) -> dict[str, Any]:
    key = RecordingKey(*request["key"])
    facts = {"name": key.name, "status": DROPPED[request["do"]], "reason": reason}
    return dict(key._asdict()) | facts


@atexit.register
def close_workers() -> None:
    """End the children that wait for work, and those that still do some."""
    with _lock:
        children = list(_all)
        _idle.clear()
        _all.clear()
    for child in children:
        child.kill()
    for child in children:
        _bury(child)


def _bury(child: "subprocess.Popen[str]") -> int:
    """Wait for a child to end, close its pipes, and return its exit code."""
    code = child.wait()
    with _lock:
        _all.discard(child)
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
    return code


def run_all(
    requests: Sequence[dict[str, Any]], *, n_jobs: int = 1, client: Any = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and row of every request, in the order in which they are done.

    Args:
        requests: What to harmonise.
        n_jobs: Processes on this machine.
        client: Of a Dask scheduler, whose workers see the same folders; None takes
            processes of this machine.

    Raises:
        WriteError: If a result cannot be written.
    """
    if client is not None and requests:
        yield from _run_on_dask(requests, client)
        return
    jobs = (delayed(_run_numbered)(i, request) for i, request in enumerate(requests))
    yield from Parallel(
        n_jobs=n_jobs, backend="threading", return_as="generator_unordered"
    )(jobs)


def _run_numbered(number: int, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return number, run_isolated(request)


def _run_on_dask(
    requests: Sequence[dict[str, Any]], client: Any
) -> Iterator[tuple[int, dict[str, Any]]]:
    from distributed import KilledWorker, as_completed

    futures = client.map(run_isolated, requests, pure=False)
    numbers = {future: number for number, future in enumerate(futures)}
    for future in as_completed(futures):  # type: ignore[no-untyped-call]
        number = numbers[future]
        try:
            yield number, future.result()
        except KilledWorker:
            reason = "the Dask worker died while it had this recording"
            yield number, _make_dropped_row(requests[number], reason)
