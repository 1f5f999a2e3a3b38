"""What does the encoder in the package gain on people whom it has not seen?

    neurograft harmonise examples/shipped-gain.toml
    python benchmarks/shipped_gain.py examples/shipped-gain.toml

The packaged encoder takes the place of the one variant of the study, which it is: the
same settings on the same people. Prints the gains and writes them on its card.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import shutil
from pathlib import Path

from neurograft.config.study import read_study
from neurograft.files.cards import seal_card
from neurograft.files.tables import read_table
from neurograft.files.writing import write_arrays, write_json
from neurograft.models.saving import (
    CARD_FILE,
    find_shipped,
    load_encoder,
    read_encoder_card,
    save_encoder,
)
from neurograft.pretraining.metrics_file import METRICS_FILE
from neurograft.study.comparison.compare import run_comparison
from neurograft.study.comparison.variants import (
    EMBEDDINGS_FILE,
    embed_people,
    list_variants,
)
from neurograft.study.opened_study import Study

# On the card; the mean over tasks is told by the page of the docs.
TOLD = ("task", "labels_per_class", "value", "ci_low", "ci_high")


def take_place(study: Study, name: str) -> None:
    """Write the packaged encoder and its embeddings where the variant's belong.

    Raises:
        SystemExit: If the variant would be pretrained otherwise, or on others.
    """
    (variant,) = (one for one in list_variants(study.settings) if one.is_trained)
    folder, card = find_shipped(name), read_encoder_card(find_shipped(name))
    own = variant.settings.model_dump(mode="json")
    odd = [
        key
        for key in ("objectives", "size", "tokens", "steps", "batch_size")
        if card["settings"][key] != own[key]
    ]
    seen = set(study.settings.cohorts) - set(variant.left_out)
    if odd or seen != set(card["cohorts"]):
        raise SystemExit(f"{name} was made otherwise: {odd or card['cohorts']}")
    encoder, stage = load_encoder(folder), variant.describe(study)
    stage.begin()
    save_encoder(stage.folder, encoder, {"variant": variant.name})
    shutil.copy(folder / METRICS_FILE, stage.folder)
    arrays = {
        view.name: embed_people(encoder, study.view(view), n_times=study.n_times)
        for view in study.views
    }
    write_arrays(stage.folder / EMBEDDINGS_FILE, arrays)
    stage.finish(seconds=1.0)


def main() -> None:
    """Compare, print, and write the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--encoder", default="tiny")
    asked = parser.parse_args()
    study = Study(read_study(asked.study))
    take_place(study, asked.encoder)
    run_comparison(study)
    tables = study.folder("comparison")
    print(read_table(tables / "gains.tsv").round(3).to_string(index=False))
    rows = read_table(tables / "gains_by_task.tsv")
    print(rows.round(3).to_string(index=False))
    trained = rows[~rows["variant"].str.startswith("untrained")]
    told = trained[list(TOLD)].round(3).astype({"labels_per_class": str})
    folder = find_shipped(asked.encoder)
    card = read_encoder_card(folder) | {"gains": told.to_dict("records")}
    write_json(folder / CARD_FILE, seal_card(card))


if __name__ == "__main__":
    main()
