"""Which measure without a label ranks encoders as their transfer does?

    neurograft compare-pretraining STUDY.toml
    python benchmarks/watching.py STUDY.toml

Every encoder of a comparison that is finished is measured on the people it is tested
on, without their labels: how many are recognised by half of their windows, the rank of
the embedding, and how much of it stays under the changes of another amplifier. The
probe of band power is that of the last look at people left out. Each measure is held
against the mean gain at few labels by the rank correlation over encoders.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.stats import spearmanr

from neurograft.config.study import read_study
from neurograft.config.tasks import View
from neurograft.files.tables import read_table, write_table
from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.models.saving import load_encoder
from neurograft.pretraining.augmentations import ACQUISITION, augment
from neurograft.pretraining.metrics_file import METRICS_FILE
from neurograft.pretraining.monitoring import find_rank
from neurograft.pretraining.recognition import find_recognised
from neurograft.study.comparison.variants import Variant, list_variants
from neurograft.study.opened_study import Study
from neurograft.transfer.embedding import embed_windows, make_encoder_pool
from neurograft.types import FloatArray

# Of another amplifier; all channels stay, because regions are pooled from them.
CHANGES = replace(ACQUISITION, channel_dropout=0.0)
MEASURES = ("recognised", "rank", "agreement", "spectral_r2")


def embed(encoder: Encoder, study: Study, view: View, *, changed: bool) -> FloatArray:
    """Embed a view's windows, `(n_people, n_windows, n_features)`."""
    read, plain = study.view(view), make_encoder_pool(encoder)
    generator = torch.Generator().manual_seed(0)

    def pool(batch: WindowBatch) -> torch.Tensor:
        if changed:
            sfreq = study.settings.harmonise.sfreq
            batch = augment(batch, CHANGES, generator=generator, sfreq=sfreq)
        return plain(batch)

    windows = embed_windows(read.store, read.chosen, pool, n_times=study.n_times)
    return np.stack([one.reshape(len(one), -1) for one in windows])


def measure(study: Study, variant: Variant) -> dict[str, float]:
    """Measure an encoder on the people it is tested on, averaged over their views."""
    folder = variant.describe(study).folder
    encoder = load_encoder(folder)
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    for view in study.views:
        if view.cohort in variant.left_out:
            own = embed(encoder, study, view, changed=False)
            other = embed(encoder, study, view, changed=True)
            flat = own.reshape(-1, own.shape[-1])
            found["recognised"].append(find_recognised(own))
            found["rank"].append(find_rank(flat - flat.mean(0)))
            found["agreement"].append(agree(flat, other.reshape(flat.shape)))
    if variant.is_trained:
        history = read_table(folder / METRICS_FILE)
        found["spectral_r2"].append(float(history["spectral_r2"].iloc[-1]))
    return {name: float(np.mean(v)) if v else np.nan for name, v in found.items()}


def agree(own: FloatArray, other: FloatArray) -> float:
    """Return the mean correlation of features with themselves after the changes."""
    one, two = ((x - x.mean(0)) / (x.std(0) + 1e-9) for x in (own, other))
    return float((one * two).mean())


def main() -> None:
    """Measure, print the table, and the rank correlations with the gain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    study = Study(read_study(parser.parse_args().study))
    rows = [
        {"variant": one.name, "seed": one.seed, "left_out": "+".join(one.left_out)}
        | measure(study, one)
        for one in list_variants(study.settings)
        if one.describe(study).is_current()
    ]
    table = pd.DataFrame(rows)
    folder = study.folder("comparison")
    write_table(folder / "watching.tsv", table)
    print(table.round(3).to_string(index=False))
    if not (folder / "gains.tsv").is_file():
        return
    gains = read_table(folder / "gains.tsv")
    few = gains[gains["labels_per_class"].astype(str).str.contains("and")]
    by_variant = few[few["metric"] == "AUROC"].set_index("variant")["value"]
    means = table.groupby("variant")[list(MEASURES)].mean().join(by_variant)
    known = means.dropna(subset=["value"])
    for name in MEASURES:
        rho = spearmanr(known[name], known["value"]).statistic
        print(f"{name}: rank correlation {rho:.2f} over {len(known)} variants")


if __name__ == "__main__":
    main()
