"""The encoder of a study and its untrained twin, ready to embed windows."""

from collections.abc import Callable
from functools import partial

from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.occluded import OCCLUDED, OccludedReader
from neurograft.features.hidden_parts import HiddenPart, list_parts
from neurograft.models.encoder import Encoder
from neurograft.models.saving import UNTRAINED_FOLDER, load_encoder
from neurograft.store.views import ReadView
from neurograft.study.opened_study import Study
from neurograft.transfer.embedding import (
    embed_windows,
    make_encoder_pool,
    make_surrogate_pool,
    make_token_pool,
)
from neurograft.transfer.encoder_source import embed_with_source, make_source
from neurograft.transfer.occlusion import occlude
from neurograft.types import FloatArray

# Called with store, people, `n_times` and `progress`; gives an array per window.
Embedder = Callable[..., FloatArray]


def list_embedders(study: Study) -> dict[str, Embedder]:
    """List what embeds the windows of a study, by feature set.

    An encoder of the user's own stands beside the same with random weights, and has
    neither tokens nor surrogates.

    Raises:
        DataError: If there is no encoder yet.
        ConfigError: If the user's own class is no encoder.
    """
    settings = study.settings
    if settings.pretraining.source:
        return {
            name: partial(
                embed_with_source,
                source=make_source(
                    settings.pretraining.source,
                    is_trained=is_trained,
                    seed=settings.seed,
                    sfreq=settings.harmonise.sfreq,
                    window_s=settings.pretraining.window_s,
                ),
            )
            for name, is_trained in (("encoder", True), ("random-encoder", False))
        }
    trained, untrained = _load_pair(study)
    pools = {
        "encoder": make_encoder_pool(trained),
        "random-encoder": make_encoder_pool(untrained),
        "tokens": make_token_pool(trained),
    }
    if "surrogate" in settings.evaluation.all_features:
        pools["surrogate"] = make_surrogate_pool(trained)
    return {name: partial(embed_windows, pool=pool) for name, pool in pools.items()}


def _load_pair(study: Study) -> tuple[Encoder, Encoder]:
    """Load the encoder of a study, and the same untrained."""
    folder = study.encoder_folder
    return load_encoder(folder), load_encoder(folder / UNTRAINED_FOLDER)


def make_occluded_reader(study: Study, reader: FeatureReader) -> OccludedReader:
    """Make a reader that hides parts of the EEG from the encoder and its twin.

    Args:
        study: The study.
        reader: Of the features of people.
    """
    pools = dict(zip(OCCLUDED, map(make_encoder_pool, _load_pair(study)), strict=True))
    harmonise = study.settings.harmonise
    recorded_hz = (harmonise.l_freq, harmonise.h_freq)

    def embed(read: ReadView, hidden: HiddenPart, name: str) -> FloatArray:
        return embed_windows(
            read.store,
            read.chosen,
            pools[name],
            n_times=reader.n_times,
            change=partial(
                occlude,
                hidden=hidden,
                sfreq=read.store.sfreq,
                recorded_hz=recorded_hz,
            ),
            progress=partial(reader.progress, f"{name} without {hidden.part}"),
        )

    return OccludedReader(reader, embed, list_parts(recorded_hz))
