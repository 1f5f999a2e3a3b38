"""Measure how long `import neurograft` takes: the best of five, in milliseconds."""

import subprocess
import sys

PROBE = """
from time import perf_counter
start = perf_counter()
import neurograft
print(1000 * (perf_counter() - start))
"""


def measure_import(n_runs: int = 5) -> float:
    """Return the quickest of several imports, each in a process of its own."""
    runs = (
        subprocess.run(
            [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
        )
        for _ in range(n_runs)
    )
    return min(float(run.stdout) for run in runs)


if __name__ == "__main__":
    print(f"import neurograft: {measure_import():.1f} ms")
