"""The model card has nine sections, and calls open what nobody has said."""

from dataclasses import replace

from neurograft.files.sentences import read_words
from neurograft.report.documents.model_card import write_model_card
from neurograft.report.documents.verdicts import list_verdicts


def read_card(study, language="en"):
    words = read_words("rows", language)
    titles = {words[key]: key for key in words if key.startswith("card-")}
    return {
        titles[s.title]: " ".join(s.sentences)
        for s in write_model_card(study, language)
    }


def test_a_card_has_nine_sections_with_something_in_each(stored):
    card = read_card(stored)
    assert len(card) == 9
    assert all(card.values())
    assert "54 people of public, 1.8 hours" in card["card-training"]
    assert "not for the diagnosis of a person" in card["card-use"]
    assert card["card-analyses"].startswith("disease: No evidence that the groups")


def test_a_card_says_without_what_the_encoder_loses_most(stored, change, losses_of):
    assert "occlusion" not in read_card(stored)["card-analyses"]
    study = change("summary", "occlusion", losses_of("disease"))
    said = read_card(study)["card-analyses"]
    assert (
        "disease: the encoder loses most without theta: AUROC changes by 0.16 "
        "[0.05, 0.25], n = 9 (occlusion)." in said
    )
    assert "ohne Theta" in read_card(study, "de")["card-analyses"]
    losses = losses_of("disease").replace({"theta": "frontal"})
    study = change("summary", "occlusion", losses.assign(kind="region"))
    assert "without the frontal electrodes: AUROC" in read_card(study)["card-analyses"]
    study = change("summary", "occlusion", losses_of("disease", is_found=False))
    assert "no band or region was found" in read_card(study)["card-analyses"]


def test_what_the_author_has_not_said_is_open(stored, tell):
    assert read_card(stored)["card-ethics"] == "Open: the author has not said it."
    assert read_card(tell(ethics="Approved."))["card-ethics"] == "Approved."


def test_an_encoder_of_unknown_origin_is_called_so(stored):
    unknown = replace(stored, card={"n_subjects": 0})
    assert read_card(unknown)["card-training"].startswith("Whom the encoder has seen")


def test_verdicts_keep_their_codes(stored):
    assert [(one.code, one.answer) for one in list_verdicts(stored)] == [
        ("NG111", "no evidence"),
        ("NG204", "no evidence"),
    ]
