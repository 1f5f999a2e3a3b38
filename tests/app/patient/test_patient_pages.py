"""Recordings are sent, answered, read and deleted, and nobody else sees them."""

import json
import time

import pytest
from starlette.testclient import TestClient

from neurograft.app.patient.patient_pages import read_patient_facts
from neurograft.errors import ConfigError

ORIGIN = "http://127.0.0.1:8765"


def find_model(server, client=None):
    """Return the key of the model, as the form holds it."""
    page = (client or server.first).get("/").text
    return page.split('name="model"')[1].split('value="')[1].split('"')[0]


def send(server, content=b"EEG", *, client=None, session=None, name="Jane Doe.edf",
         headers=None, **facts):  # fmt: skip
    """Send a recording; return the answer of the server."""
    client = client or server.first
    return server.post(
        client,
        "/patients",
        session=session,
        data={"model": find_model(server, client), **facts},
        files=[("files", (name, content))],
        headers=headers or {},
    )


def wait(client, place):
    """Wait for the answer, and return the part of the page that shows it."""
    for _ in range(400):
        part = client.get(f"{place}/state").text
        if "hx-trigger" not in part:
            return part
        time.sleep(0.05)
    raise AssertionError("no answer")


def test_the_card_of_the_model_says_for_whom_how_good_and_what_not(server):
    page = server.first.get("/").text
    assert "people of 20 to 70 years, recorded in the condition rest" in page
    assert "learned from 40 people (20 control, 20 patient)" in page
    assert "AUROC 0.80 [0.70, 0.90]" in page
    assert "not a diagnosis" in page


def test_recordings_are_answered_and_the_page_is_read(server):
    sent = send(
        server, b"EEG", age="52", sex="F", label="P-17", language="de", condition="rest"
    )
    assert sent.status_code == 303
    place = sent.headers["location"]
    part = wait(server.first, place)
    assert "It is so." in part
    assert "Beware." in part
    page = server.first.get(f"{place}/pages/0")
    assert page.text == "<p>EEG</p>"
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Jane Doe.edf" in server.first.get(place).text
    asked = json.loads(server.first.get(f"{place}/tables/recordings.tsv").text)
    facts = {
        "condition": "rest",
        "label": "P-17",
        "age": 52.0,
        "sex": "F",
        "language": "de",
    }
    assert facts.items() <= asked.items()
    saved = server.first.get(f"{place}/pages/0?download=1")
    assert "attachment" in saved.headers["content-disposition"]


def test_no_name_that_was_sent_becomes_that_of_a_file_or_an_address(server):
    place = send(server).headers["location"]
    wait(server.first, place)
    names = [str(path) for path in server.session.folder.rglob("*")]
    assert len(names) > 4
    assert not any("Jane" in name or "Doe" in name for name in names)
    assert "Jane" not in place


def test_a_script_is_sent_on_without_a_page(server):
    sent = send(server, headers={"hx-request": "true"})
    assert sent.status_code == 204
    assert sent.headers["hx-redirect"].startswith("/patients/")


def test_two_people_do_not_see_each_other_s_files(server):
    place = send(server).headers["location"]
    wait(server.first, place)
    first = server.session
    other = server.enter(TestClient(server.app, base_url=ORIGIN))
    for page in ("", "/state", "/pages/0", "/tables/predictions.tsv"):
        assert server.first.get(place + page).status_code == 200
        assert other.get(place + page).status_code == 404
    second = next(s for s in server.sessions._open.values() if s is not first)
    assert server.post(other, f"{place}/delete", session=second).status_code == 404
    # Nor does the form of one work with the cookie of the other.
    sent = server.post(other, f"{place}/delete", session=first)
    assert sent.status_code in (403, 404)
    assert server.first.get(place).status_code == 200
    assert first.folder != second.folder


def test_deleting_leaves_nothing(server):
    place = send(server).headers["location"]
    wait(server.first, place)
    assert list(server.session.folder.iterdir())
    assert server.post(server.first, f"{place}/delete").status_code == 303
    assert list(server.session.folder.iterdir()) == []
    assert server.first.get(place).status_code == 404


def test_a_refused_form_leaves_nothing(server):
    for told in (
        {"name": "notes.docx"},
        {"age": "old"},
        {"name": "x.zip", "content": b"no zip"},
        {"model": "another"},
    ):
        assert send(server, **told).status_code == 422
        assert list(server.session.folder.iterdir()) == []


def test_a_form_without_the_token_is_refused_before_its_files(server):
    answer = server.first.post(
        "/patients",
        data={"token": "x", "model": find_model(server)},
        files=[("files", ("a.edf", b"x" * 1000))],
        headers={"origin": ORIGIN},
    )
    assert answer.status_code == 403
    assert list(server.session.folder.iterdir()) == []


def test_more_than_the_limit_is_refused_before_it_is_read(server):
    def never():
        raise AssertionError("the body was read")
        yield b""

    answer = server.first.post(
        "/patients",
        content=never(),
        headers={
            "origin": ORIGIN,
            "content-length": str(2**21),
            "content-type": "multipart/form-data; boundary=x",
        },
    )
    assert answer.status_code == 413
    assert "--upload-limit-mib" in answer.text


def test_a_file_above_the_limit_whose_length_nobody_said_is_cut_off(server):
    def stream():
        yield b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n'
        yield server.session.form_token.encode()
        yield b'\r\n--x\r\nContent-Disposition: form-data; name="model"\r\n\r\n'
        yield model.encode()
        yield b'\r\n--x\r\nContent-Disposition: form-data; name="files"; '
        yield b'filename="a.edf"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 2**16

    model = find_model(server)
    kind = "multipart/form-data; boundary=x"
    headers = {"origin": ORIGIN, "content-type": kind}
    answer = server.first.post("/patients", content=stream(), headers=headers)
    assert answer.status_code == 413
    assert list(server.session.folder.iterdir()) == []


def test_what_ends_the_process_ends_one_answer(server):
    died = send(server, b"crash").headers["location"]
    assert "ended before its answer" in wait(server.first, died)
    refused = send(server, b"fail").headers["location"]
    assert "That is no EEG." in wait(server.first, refused)
    fine = send(server, b"EEG").headers["location"]
    assert "It is so." in wait(server.first, fine)


def test_eight_at_once_are_answered_by_one_process(server):
    places = [send(server, f"EEG {i}".encode()).headers["location"] for i in range(8)]
    for number, place in enumerate(places):
        assert "It is so." in wait(server.first, place)
        assert server.first.get(f"{place}/pages/0").text == f"<p>EEG {number}</p>"


def test_an_answer_that_is_deleted_while_it_waits_is_not_made(server):
    waiting = send(server, b"sleep").headers["location"]
    after = send(server, b"EEG").headers["location"]
    assert server.post(server.first, f"{after}/delete").status_code == 303
    assert "hx-trigger" in server.first.get(f"{waiting}/state").text
    assert server.first.get(after).status_code == 404


def test_a_page_that_waits_is_told_that_its_answer_is_gone_and_asks_no_more(server):
    place = send(server, b"sleep").headers["location"]
    assert server.post(server.first, f"{place}/delete").status_code == 303
    part = server.first.get(f"{place}/state", headers={"hx-request": "true"})
    assert part.status_code == 286
    assert "it was deleted" in part.text
    assert "hx-trigger" not in part.text
    server.post(server.first, "/leave")
    part = server.first.get(f"{place}/state", headers={"hx-request": "true"})
    assert part.status_code == 286
    assert "every link works once" in part.text


@pytest.mark.parametrize("number", ["1", "-1", "00x", "²", "99999", "%2e%2e"])
def test_there_is_no_other_page(server, number):
    place = send(server).headers["location"]
    wait(server.first, place)
    assert server.first.get(f"{place}/pages/{number}").status_code == 404
    assert server.first.get(f"{place}/tables/{number}").status_code == 404


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"age": "-1"}, "Age is a number from 0 to 120; found '-1'"),
        ({"age": "nan"}, "Age is a number"),
        ({"age": "1e9"}, "Age is a number"),
        ({"sex": "x"}, "sex"),
        ({"label": "../evil"}, "take the code of the patient"),
        ({"label": "Jane Doe"}, "never a name"),
        ({"label": "-x"}, "code"),
        ({"condition": "a/b"}, "condition from the list"),
        ({"prevalence": "0"}, "between 0 and 100"),
        ({"prevalence": "100"}, "between 0 and 100"),
        ({"prevalence": "inf"}, "a number"),
        ({"people": "each", "age": "50"}, "leave them empty"),
        ({"people": "each", "label": "P1"}, "leave them empty"),
    ],
)
def test_odd_facts_are_one_sentence(facts, sentence):
    with pytest.raises(ConfigError, match=sentence):
        read_patient_facts(facts)


def test_facts_are_read_as_people_write_them():
    facts = read_patient_facts({"age": " 52,5 ", "prevalence": "5", "explain": "on"})
    assert facts.age == 52.5
    assert facts.prevalence == 0.05
    assert facts.is_explained
    assert facts.is_one_person
    assert read_patient_facts({}).age is None
