"""Tell on the card of the shipped encoder whom it has seen, as today's code tells it.

    neurograft harmonise examples/shipped-tiny.toml
    python benchmarks/shipped_card.py examples/shipped-tiny.toml

The weights stay as they are. What the card tells of people (hashes of labels,
fingerprints of recordings, data sets) is made again of all the people of the study's
cohorts, for whoever changes hashes or fingerprints. Prints what differs.
"""

import argparse
from pathlib import Path

from neurograft.config.study import read_study
from neurograft.files.cards import seal_card
from neurograft.files.writing import write_json
from neurograft.models.saving import (
    CARD_FILE,
    find_shipped,
    read_encoder_card,
)
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import make_card, open_study_corpus

# What a card tells of the people, rather than of the training.
OF_PEOPLE = (
    "salt", "data_sets", "seen_subjects", "seen_recordings", "fingerprint_version",
)  # fmt: skip
# What must not have changed: then these are the people that the encoder saw.
OF_ALL = ("cohorts", "licences", "n_subjects", "n_watched", "hours")
# Of earlier versions.
NO_LONGER = ("seen_signals",)


def main() -> None:
    """Write the card."""
    parser = argparse.ArgumentParser()
    parser.add_argument("study", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked = parser.parse_args()
    study = Study(read_study(asked.study, asked.overrides))
    folder = find_shipped(study.settings.pretraining.name)
    made, card = make_card(study, open_study_corpus(study)), read_encoder_card(folder)
    for name in OF_ALL:
        print(f"{name}: {card[name]} on the card, {made[name]} of today's code")
    kept = {name: value for name, value in card.items() if name not in NO_LONGER}
    told = kept | {name: made[name] for name in OF_PEOPLE}
    write_json(folder / CARD_FILE, seal_card(told))
    print(f"{len(made['seen_recordings'])} recordings of {made['n_subjects']} people")


if __name__ == "__main__":
    main()
