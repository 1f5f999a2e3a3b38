"""Only the browser that came by the link is let in, and only from pages of ours."""

import pytest
from starlette.testclient import TestClient

from neurograft.app.guards import POLICY

ORIGIN = "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:9999", ""]
)
def test_another_host_is_no_page_of_ours(server, host):
    assert server.first.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:9999", f"{ORIGIN}.evil", None],
)
def test_a_form_of_another_page_changes_nothing(server, origin):
    headers = {} if origin is None else {"origin": origin}
    told = {"token": server.session.form_token}
    answer = server.first.post("/leave", data=told, headers=headers)
    assert answer.status_code == 403
    assert server.session.folder.is_dir()


@pytest.mark.parametrize("place", ["/leave", "/demo", "/studies/x/start"])
@pytest.mark.parametrize("token", ["", "x", "ü"])
def test_a_form_without_the_token_of_the_visit_changes_nothing(server, place, token):
    answer = server.first.post(place, data={"token": token}, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert server.session.folder.is_dir()


@pytest.mark.parametrize("place", ["/", "/studies", "/patients/x", "/nothing"])
def test_a_stolen_address_without_the_cookie_opens_nothing(server, place):
    stranger = TestClient(server.app, base_url=ORIGIN)
    answer = stranger.get(place)
    assert answer.status_code == 403
    assert "link" in answer.text
    stranger.cookies.set("neurograft-8765", "x")
    assert stranger.get(place).status_code == 403


def test_a_link_works_once_and_the_next_one_is_told(server):
    used = server.links  # the terminal was told the one after the first
    assert len(used) == 1
    second = TestClient(server.app, base_url=ORIGIN)
    assert second.get(used[0]).status_code == 200
    third = TestClient(server.app, base_url=ORIGIN)
    assert third.get(used[0]).status_code == 403
    assert third.get("/enter?token=").status_code == 403
    assert third.get("/").status_code == 403
    assert len(server.links) == 2


def test_the_cookie_is_no_script_s_and_no_other_site_s(server):
    client = TestClient(server.app, base_url=ORIGIN)
    answer = client.get(server.links[-1])
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "neurograft-8765=" in cookie


@pytest.mark.parametrize("place", ["/", "/studies", "/nothing", "/static/app.js"])
def test_every_answer_forbids_what_is_not_ours(server, place):
    headers = server.first.get(place).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY


@pytest.mark.parametrize("place", ["/", "/studies"])
def test_pages_hold_no_script_and_no_style_inside(server, place):
    page = server.first.get(place).text
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count("<script src=")
    assert " onclick" not in page


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(server, method):
    assert server.first.request(method, "/").status_code == 405


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.js", "app.css", "x"])
def test_static_files_are_a_list(server, name):
    assert server.first.get(f"/static/{name}").status_code == 404


def test_leaving_deletes_everything_and_lets_nobody_back(server):
    folder = server.session.folder
    assert server.post(server.first, "/leave").status_code == 200
    assert not folder.exists()
    assert server.first.get("/").status_code == 403
