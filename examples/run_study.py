"""Simulate a small study, run it, and read its results."""

import tempfile
from pathlib import Path

import neurograft as ng
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig


def main() -> None:
    """Run every stage with the encoder that comes with the package."""
    sizes = SimulationConfig(
        n_source=4, n_patients=8, n_controls=8, duration_s=30, repeats=1,
        permutations=19, channels=19,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = simulate_study(Path(folder), sizes)
        study = ng.read_study(
            path,
            [
                "evaluation.methods=['dummy', 'demographics', 'encoder']",
                "evaluation.labels_per_class=[]",
                "evaluation.n_bootstraps=200",
            ],
        )
        ng.run(study)
        found = ng.read_results(study.output_folder)
    shown = found.results[found.results["p_permutation"].notna()]
    print(shown[["task", "method", "metric", "value", "p_holm"]].round(2))
    print(found)


if __name__ == "__main__":
    main()
