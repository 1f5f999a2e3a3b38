"""The table of methods: a sentence, the untrained twin, and the needs of each.

Settings, help, result tables, figures and the report read names, twins, order and words
from here; `neurograft methods` prints it.
"""

from typing import Literal, NamedTuple

MethodKind = Literal["constant", "features", "combination", "network"]
Role = Literal["blind", "baseline", "untrained", "pretrained"]


class Described(NamedTuple):
    """Facts about a method.

    Attributes:
        kind: The same for everybody, features of people, a combination of such, or a
            network that learns from windows.
        role: `blind` knows nothing of the brain, `baseline` owes nothing to our
            encoder, `untrained` is the twin of something `pretrained`.
        sentence: What it is.
        twin: The same without pretraining; their difference is what pretraining bought.
        as_twin: What it is called where something pretrained is compared with it.
        needs: What must be installed or known.
    """

    kind: MethodKind
    role: Role
    sentence: str
    twin: str = ""
    as_twin: str = ""
    needs: str = ""


# In the order of the figures: the claim last, next to its control.
DESCRIBED = {
    "dummy": Described(
        "constant", "blind", "The share of every group, or the median, for everybody."
    ),
    "demographics": Described(
        "features", "blind", "Age and sex.", needs="age or sex in the table"
    ),
    "duration": Described(
        "features", "blind", "The logarithm of the length of the recordings."
    ),
    "amplitude": Described(
        "features",
        "blind",
        "The amplitude, and how it spreads over channels and windows.",
    ),
    "acquisition": Described(
        "features",
        "blind",
        "Site, day, device, reference and other columns of the table: no EEG.",
        needs="something that varies",
    ),
    "artefact": Described(
        "features", "blind", "What eyes, muscles and amplifiers leave behind."
    ),
    "band-power": Described(
        "features", "baseline", "Logarithm of the power in 12 bands of every channel."
    ),
    "aperiodic": Described(
        "features", "baseline", "Exponent, offset and alpha peak of every channel."
    ),
    "handcrafted": Described(
        "features", "baseline", "The features of Engemann 2022, computed by hand."
    ),
    "connectivity": Described(
        "features",
        "baseline",
        "Debiased wPLI, imaginary coherence and envelope correlation of channels.",
        needs="neurograft[connectivity]",
    ),
    "riemann": Described(
        "features",
        "baseline",
        "Covariances of channels in several bands, in tangent space.",
    ),
    "shallownet": Described(
        "network", "baseline", "ShallowNet (Schirrmeister 2017), from random weights."
    ),
    "deep4": Described(
        "network", "baseline", "Deep4 (Schirrmeister 2017), from random weights."
    ),
    "eegnet": Described(
        "network", "baseline", "EEGNet (Lawhern 2018), from random weights."
    ),
    "tcn": Described(
        "network", "baseline", "A temporal convolution network, from random weights."
    ),
    "tokens": Described(
        "features",
        "baseline",
        "The spectral tokens that the encoder sees, pooled, without an encoder.",
    ),
    "scratch": Described(
        "network",
        "untrained",
        "The network of `fine-tuned`, from random weights.",
        as_twin="the same network from scratch",
    ),
    "random-encoder": Described(
        "features",
        "untrained",
        "The same encoder, never trained.",
        as_twin="the same encoder untrained",
    ),
    "random-attentive": Described(
        "network",
        "untrained",
        "As `attentive`, on the encoder that was never trained.",
        as_twin="the same on the untrained encoder",
    ),
    "surrogate": Described(
        "features",
        "pretrained",
        "A control: the pretrained encoder on windows whose phases were randomised. If "
        "it does as well as `encoder`, only power and coherence were used.",
    ),
    "encoder": Described(
        "features",
        "pretrained",
        "The pretrained encoder, frozen; its embeddings are pooled by their mean.",
        twin="random-encoder",
    ),
    "encoder-covariance": Described(
        "features",
        "pretrained",
        "How the embeddings of windows vary together, in tangent space.",
    ),
    "stack": Described(
        "combination",
        "pretrained",
        "`encoder` and `riemann`, combined by their out-of-fold outputs.",
    ),
    "random-blend": Described(
        "combination",
        "untrained",
        "`blend` without the pretrained encoder.",
        as_twin="the same blend without the pretrained encoder",
    ),
    "blend": Described(
        "combination",
        "pretrained",
        "`encoder`, `random-encoder`, `band-power` and `riemann`, by learned shares.",
        twin="random-blend",
    ),
    "attentive": Described(
        "network",
        "pretrained",
        "The pretrained encoder, frozen; its tokens are pooled by learned attention.",
        twin="random-attentive",
    ),
    "lora": Described(
        "network",
        "pretrained",
        "The pretrained encoder learns on, by low-rank adapters (Hu 2021).",
        twin="scratch",
    ),
    "partial": Described(
        "network",
        "pretrained",
        "The pretrained encoder learns on, in its last two blocks.",
        twin="scratch",
    ),
    "adversarial": Described(
        "network",
        "pretrained",
        "The pretrained encoder learns on, and against the site (Ganin 2016).",
        twin="scratch",
    ),
    "fine-tuned": Described(
        "network",
        "pretrained",
        "The pretrained encoder learns on, in all its weights.",
        twin="scratch",
    ),
}
# What is done inside the fold because sites differ, written after an @.
ADAPTERS = {
    "recentre": "Move every site to the same mean (of covariances: the same centre).",
    "rescale": "Move every site to the same mean and spread.",
    "euclid": "Align Euclidean means of covariances (He and Wu 2020).",
    "coral": "Align means and covariances of features (Sun 2016).",
    "linear-ot": "Align by linear optimal transport (Flamary 2019).",
    "quantile": "Give every feature the same distribution at all sites, by its ranks.",
    "combat": "Remove site effects by empirical Bayes (Johnson 2007).",
    "residualise": "Remove what age and sex explain linearly.",
    "erase": "Erase what tells sites apart linearly (LEACE, Belrose 2023).",
}
WEIGHTERS = {
    "discriminator": "Weight training people by how much they look like the new site.",
    "kernel-mean": "Weight training people so that kernel means match (Huang 2006).",
    "propensity": "Weight training people by age and sex as at the new site.",
    "label-weights": "Weight training people by the labels expected at the new site.",
}
CHOOSERS = {
    "auto-site": "Choose the adapter that does best on training sites left out.",
    "auto-weighted": "Choose by the loss on training people who resemble the new site.",
    "auto-entropy": "Choose by how certain predictions are at the new site.",
    "auto-neighbourhood": "Choose by how alike neighbours are predicted.",
}
KNOWN_MEAN = "known-mean"
REMEDIES = (
    ADAPTERS
    | WEIGHTERS
    | CHOOSERS
    | {KNOWN_MEAN: "Move predictions to the mean label that is known of a new site."}
)
# What is fitted to features, written after a colon.
LEARNERS = {
    "linear": "Two components of partial least squares; for numbers as `reduced`. The "
    "default.",
    "reduced": "Principal components (a third as many as people), then logistic or "
    "ridge regression.",
    "svm": "Support vector machine with a linear kernel.",
    "kernel": "Gaussian support vector machine; for numbers kernel ridge.",
    "boosting": "Gradient-boosted trees.",
    "forest": "Random forest.",
    "geodesic": "Learns from `riemann` how far to re-centre each site (GOPSA 2024).",
}
# Learners of which thousands of label vectors are solved at once.
LINEAR = ("linear", "reduced")
BLIND = tuple(
    name
    for name, method in DESCRIBED.items()
    if method.role == "blind" and method.kind == "features"
)
FEATURES = tuple(name for name, entry in DESCRIBED.items() if entry.kind == "features")
NETWORKS = tuple(name for name, entry in DESCRIBED.items() if entry.kind == "network")
TWINS = {name: entry.twin for name, entry in DESCRIBED.items() if entry.twin}
