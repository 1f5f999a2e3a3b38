"""Time and memory for a recording follow the size of its files."""

import subprocess
import sys

import pytest

from neurograft.harmonising.bounds import (
    BASE_MEMORY_BYTES,
    _bound_memory,
    bound_seconds,
    count_bytes,
)

MIB = 2**20


def test_companions_and_folders_are_counted(tmp_path):
    for name in ("a.vhdr", "a.eeg", "ab.eeg"):
        (tmp_path / name).write_bytes(bytes(100))
    assert count_bytes(tmp_path / "a.vhdr") == 200
    (tmp_path / "b.mff/inside").mkdir(parents=True)
    (tmp_path / "b.mff/inside/signal.bin").write_bytes(bytes(5000))
    assert count_bytes(tmp_path / "b.mff") >= 5000
    assert count_bytes(tmp_path / "no/a.edf") == 0
    assert count_bytes("a\0b") == 0


def test_larger_files_are_given_more_time_and_more_memory():
    times = [bound_seconds(n * MIB) for n in (0, 1, 100, 10_000)]
    assert times == sorted(times)
    assert times[0] >= 60
    memory = [_bound_memory(n * MIB, 16 * 2**30) for n in (0, 1, 100, 10_000)]
    assert memory == sorted(memory)
    assert memory[0] == BASE_MEMORY_BYTES


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit")
def test_what_asks_for_453_gib_is_refused_and_the_process_lives():
    code = (
        "from neurograft.harmonising.bounds import limit_memory\n"
        "limit_memory(1000)\n"
        "try: bytearray(453 * 2**30)\n"
        "except MemoryError: print('refused')\n"
        "limit_memory(2**40)\n"
        "print('alive', len(bytearray(2**20)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"refused\nalive {MIB}\n"


def test_a_system_without_such_limits_sets_none():
    code = (
        "import sys, os\n"
        "sys.modules['resource'] = None\n"
        "del os.sysconf\n"
        "from neurograft.harmonising import bounds\n"
        "bounds.limit_memory(1000)\n"
        "assert bounds._find_memory() == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
