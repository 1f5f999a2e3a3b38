"""The encoder of a study and its untrained twin, ready to embed windows."""

from collections.abc import Callable
from functools import partial

from neurograft.models.saving import load_encoder
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import RANDOM_FOLDER
from neurograft.transfer.embedding import (
    embed_windows,
    make_encoder_pool,
    make_surrogate_pool,
    make_token_pool,
)
from neurograft.transfer.encoder_source import embed_with_source, make_source
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
    trained = load_encoder(study.encoder_folder)
    untrained = load_encoder(study.encoder_folder / RANDOM_FOLDER)
    pools = {
        "encoder": make_encoder_pool(trained),
        "random-encoder": make_encoder_pool(untrained),
        "tokens": make_token_pool(trained),
    }
    if "surrogate" in settings.evaluation.all_features:
        pools["surrogate"] = make_surrogate_pool(trained)
    return {name: partial(embed_windows, pool=pool) for name, pool in pools.items()}
