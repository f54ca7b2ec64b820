# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: a real Orthanc with users, asked as viewer, annotator, trainer, administrator and stranger."""

import base64
import http.client
import io
import zipfile

import pytest
import requests
from playwright.sync_api import expect, sync_playwright

from conftest import require_tool
from series_builder import make_series
from test_pacs import TestPacs
from test_runs import wait_until

ROLES = ["none", "viewer", "annotator", "trainer", "administrator"]
USERS = {"noone": "none", "vera": "viewer", "anna": "annotator", "tom": "trainer", "ada": "administrator"}
STRANGER = "gast"   # known to Orthanc, without an entry of ours
PASSWORD = "pass:word"
NOWHERE = "0a0a0a0a-0b0b0b0b-0c0c0c0c-0d0d0d0d-0e0e0e0e"


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("access"), build, h3k27m={"Access": {"Roles": USERS}},
                  orthanc={"AuthenticationEnabled": True, "RegisteredUsers": {user: PASSWORD for user in (*USERS, STRANGER)}},
                  credentials=f"ada:{PASSWORD}") as pacs:
        yield pacs


def ask(pacs, user, method, route, headers=None, **options):
    return requests.request(method, f"{pacs.client.url}/h3k27m/{route}", auth=(user, PASSWORD) if user else None,
                            headers=headers, timeout=60, **options)


def refusals(pacs, user):
    """What the audit says that was refused to somebody, newest first."""
    entries = ask(pacs, "ada", "GET", f"audit?user={user}&limit=1000").json()["entries"]
    return [entry for entry in entries if entry["outcome"] == "refused"]


def operations(api):
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.lstrip("/"), operation


def harmless(route):
    """The route of something that does not exist."""
    for name, value in (("study", NOWHERE), ("series", NOWHERE), ("id", "999999"), ("name", "nothing"), ("run", "nothing"),
                        ("path", "nothing")):
        route = route.replace("{" + name + "}", value)
    return route


@pytest.mark.parametrize("user", [*USERS, STRANGER])
def test_each_operation_is_for_those_whom_the_document_names(server, user):
    """A body that no route takes: whoever is let in is refused by the route itself, and nothing happens."""
    api = server.client.get("/h3k27m/openapi.json")
    role = USERS.get(user, "viewer")
    for method, route, operation in operations(api):
        body = {} if method == "GET" else {"data": b"[", "headers": {"Content-Type": "application/json"}}
        if operation["operationId"] == "restartEngine":
            body = {"data": b"", "headers": {"Content-Type": "text/plain"}}   # takes no body; let in, it answers 415
        answer = ask(server, user, method, harmless(route), **body)
        if ROLES.index(operation["x-role"]) > ROLES.index(role):
            assert answer.status_code == 403, (method, route)
            assert answer.json()["RequiredRole"] == operation["x-role"] and answer.json()["HttpStatus"] == 403
        else:
            assert answer.status_code not in (401, 403, 500) or operation["operationId"] == "makePhantoms", (method, route)


def test_access_says_who_one_is_and_what_is_denied(server):
    mine = ask(server, "anna", "GET", "access").json()
    assert (mine["user"], mine["role"]) == ("anna", "annotator")
    assert mine["denied"]["promoteModel"] == "administrator" and "putLabel" not in mine["denied"]
    assert ask(server, "ada", "GET", "access").json()["denied"] == {}
    assert ask(server, None, "GET", "access").status_code == 401   # Orthanc's own


def test_the_audit_names_user_outcome_and_study(server):
    study = server.send_all(make_series(slices=4))
    server.wait_for_case(study, "done")
    assert ask(server, "vera", "POST", f"cases/{study}/triage", json={}).status_code == 403
    assert ask(server, "anna", "POST", f"cases/{study}/triage", json={}).status_code == 202
    assert ask(server, "anna", "GET", "audit").status_code == 403
    entries = ask(server, "ada", "GET", f"audit?subject={study}").json()["entries"]
    assert [(entry["user"], entry["role"], entry["action"], entry["outcome"]) for entry in entries] == [
        ("anna", "annotator", "triageCase", "done"), ("vera", "viewer", "triageCase", "refused")]
    page = ask(server, "ada", "GET", "audit?limit=1").json()
    older = ask(server, "ada", "GET", f"audit?limit=1&before={page['next_before']}").json()
    assert older["entries"][0]["id"] < page["entries"][0]["id"]
    table = ask(server, "ada", "GET", f"audit?format=csv&user=vera&subject={study}").text.splitlines()
    assert len(table) == 2 and table[1].split(",")[2:7] == ["vera", "viewer", "triageCase", study, "refused"]
    server.stop()
    server.start()
    assert ask(server, "ada", "GET", f"audit?subject={study}").json()["entries"] == entries, "lost at a restart"


def test_the_audit_names_who_took_something_away_and_whom_reading_was_refused(server):
    assert ask(server, "vera", "GET", "labels").ok and ask(server, "vera", "GET", "cases").ok
    assert ask(server, "noone", "GET", f"cases/{NOWHERE}").status_code == 403
    model = ask(server, "tom", "GET", "models").json()["models"][0]["name"]
    assert ask(server, "tom", "GET", f"models/{model}/archive").ok

    def newest(user):
        entry = ask(server, "ada", "GET", f"audit?user={user}&limit=1").json()["entries"][0]
        return entry["action"], entry["subject"], entry["outcome"]

    assert newest("vera") == ("exportLabels", None, "done")   # not the worklist
    assert newest("noone") == ("getCase", NOWHERE, "refused")
    assert newest("tom") == ("downloadModel", model, "done")
    assert newest("ada") == ("listAudit", None, "done")


def test_the_audit_names_who_labelled_which_study_by_a_list(server):
    studies = [server.send_all(make_series(slices=4)) for _ in range(2)]
    lines = ["study,genotype,assay,site,pre_operative,split,annotator",
             *(f"{study},wild-type,ihc,Bonn,true,development,A" for study in studies)]
    answer = ask(server, "anna", "POST", "labels", headers={"Content-Type": "text/csv"}, data="\n".join(lines))
    assert answer.json()["changed"] == 2
    for study in studies:
        entries = ask(server, "ada", "GET", f"audit?subject={study}&action=label").json()["entries"]
        assert [(entry["user"], entry["role"], entry["outcome"]) for entry in entries] == [("anna", "annotator", "done")]


def test_a_part_of_a_form_does_not_say_who_sent_it(server):
    """Orthanc takes a multipart form apart and hands on each part with the part's own headers."""
    made_up = base64.b64encode(b"ada:guessed").decode()
    part = f"--x\r\nContent-Type: application/json\r\nAuthorization: Basic {made_up}\r\n\r\n"
    before = len(refusals(server, "vera"))
    for route, body in (("runs", '{"kind": "snapshot", "config": {}}'), ("status/engine-restart", ""), ("backfill", '{"all": true}')):
        for kind in ("multipart/form-data; boundary=x", "Multipart/Form-Data ;boundary=\"x\""):
            answer = ask(server, "vera", "POST", route, headers={"Content-Type": kind}, data=f"{part}{body}\r\n--x--\r\n")
            assert answer.status_code == 403, (route, kind)
    assert ask(server, "ada", "GET", "runs").json()["total"] == 0
    entries = refusals(server, "vera")
    assert len(entries) == before + 6, "each is told of whoever sent it"
    assert [(entry["role"], entry["action"], entry["details"]) for entry in entries[:6]] == [
        ("viewer", action, "HTTP 415") for action in ("startBackfill", "restartEngine", "startRun") for _ in range(2)]


def announce(pacs, user, method, route, **headers):
    """The status of a request whose body is announced, and never sent: it comes before any of it is read."""
    connection = http.client.HTTPConnection("127.0.0.1", pacs.http_port, timeout=30)
    connection.putrequest(method, f"/h3k27m/{route}")
    connection.putheader("Authorization", "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode())
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_no_body_is_read_that_no_route_takes_from_its_sender(server):
    """Orthanc would hold it in memory as a whole before a route could refuse it."""
    zip_of = {"Content_Type": "application/zip"}
    assert announce(server, "vera", "POST", "models", Content_Length=str(64 << 20), **zip_of) == 403
    assert announce(server, "noone", "PUT", f"cases/{NOWHERE}/mask", Content_Length=str(64 << 20), **zip_of) == 403
    # Beyond MaxModelBytes, beyond a mask, beyond JSON, and of a length that nobody knows: from the administrator too.
    assert announce(server, "ada", "POST", "models", Content_Length=str(3 << 30), **zip_of) == 403
    assert announce(server, "ada", "PUT", f"cases/{NOWHERE}/mask", Content_Length=str(1 << 30), **zip_of) == 403
    assert announce(server, "ada", "POST", "runs", Content_Length=str(64 << 20), Content_Type="application/json") == 403
    assert announce(server, "ada", "POST", "models", Transfer_Encoding="chunked", **zip_of) == 403
    assert [(entry["action"], entry["details"]) for entry in refusals(server, "ada")[:4]] == [
        ("uploadModel", "HTTP 411"), ("startRun", "HTTP 413"), ("putMask", "HTTP 413"), ("uploadModel", "HTTP 413")]
    assert refusals(server, "vera")[0]["details"] == "HTTP 403"
    assert "POST /h3k27m/models: refused (HTTP 413) before its body was read" in server.log()
    large = b"PK\3\4" + bytes(2 << 20)   # larger than what is read for all, and read
    answer = ask(server, "tom", "POST", "models", headers={"Content-Type": "application/zip"}, data=large)
    assert answer.status_code == 400 and answer.json()["HttpStatus"] == 400, answer.text


def test_a_run_is_not_cancelled_as_a_job_of_orthancs_by_whom_it_is_denied(server):
    config = {"network": {"input_size": 32, "width": 8}, "pretraining": {"steps": 100_000, "batch": 4}, "checkpoint_steps": 20}
    run = ask(server, "tom", "POST", "runs", json={"kind": "pretrain", "config": config, "phantoms": 2}).json()["id"]

    def look():
        return ask(server, "vera", "GET", f"runs/{run}").json()

    job = wait_until(lambda: look()["job"], "the run begins")
    wait_until(lambda: (look()["progress"] or {}).get("step", 0) >= 40, "a checkpoint")
    cancel = f"{server.client.url}/jobs/{job}/cancel"
    assert requests.post(cancel, json={}, auth=("vera", PASSWORD), timeout=60).status_code == 403
    assert requests.post(cancel, json={}, auth=("tom", PASSWORD), timeout=60,
                         headers={"Origin": "http://evil.example"}).status_code == 403
    assert look()["state"] == "running"
    assert requests.get(f"{server.client.url}/jobs/{job}", auth=("vera", PASSWORD), timeout=60).json()["State"] == "Running"
    # A job that is none of ours stays Orthanc's business.
    assert requests.post(f"{server.client.url}/jobs/nothing/cancel", json={}, auth=("vera", PASSWORD), timeout=60).status_code == 400
    assert requests.post(cancel, json={}, auth=("tom", PASSWORD), timeout=60).status_code == 200
    wait_until(lambda: look()["state"] == "cancelled", "the run ends")
    # Weights stay with those who may take a model away; what is there is for all who look.
    weights = f"runs/{run}/artifacts/checkpoint.safetensors"
    assert ask(server, "anna", "GET", weights).status_code == 403 and ask(server, "tom", "GET", weights).ok
    assert ask(server, "anna", "GET", f"runs/{run}/artifacts/config.json").ok
    entries = ask(server, "ada", "GET", f"audit?subject={run}").json()["entries"]
    assert [(entry["user"], entry["outcome"]) for entry in entries if entry["action"] == "cancelRun"] == [
        ("tom", "done"), ("tom", "refused"), ("vera", "refused")]
    assert [(entry["user"], entry["outcome"], entry["details"]) for entry in entries if entry["action"] == "getArtifact"] == [
        ("tom", "done", "checkpoint.safetensors"), ("anna", "refused", "HTTP 403")], "of files, weights alone"


def test_a_proxys_header_counts_only_where_it_is_configured(server, make_pacs):
    assert ask(server, "vera", "GET", "access", headers={"X-Remote-User": "ada"}).json()["user"] == "vera"
    proxied = make_pacs(h3k27m={"Access": {"Roles": USERS, "UserHeader": "X-Remote-User"}})
    assert ask(proxied, None, "GET", "access", headers={"X-Remote-User": "anna"}).json()["role"] == "annotator"
    assert ask(proxied, None, "GET", "access").json()["role"] == "viewer"


def test_only_this_machine_itself_is_administrator_without_users(pacs):
    assert ask(pacs, None, "GET", "access").json() == {"user": None, "role": "administrator", "denied": {}}
    # Credentials that nobody checks, a proxy, and a page whose name was made to lead here (DNS rebinding).
    assert ask(pacs, "ada", "GET", "access").json()["user"] is None
    for headers in ({"X-Forwarded-For": "10.0.0.1"}, {"X-Forwarded-Proto": "https"}, {"Host": f"evil.example:{pacs.http_port}"},
                    {"Referer": "https://pacs.example/h3k27m/app/"}):
        assert ask(pacs, None, "GET", "access", headers=headers).json()["role"] == "viewer"
        assert ask(pacs, None, "POST", "phantoms", headers=headers, json={}).status_code == 403


@pytest.mark.parametrize("path", ["runs/../../etc/passwd", "runs/x/artifacts/../../../../etc/passwd", "models/..%2f..%2fetc/archive",
                                  "runs/%2e%2e/artifacts/x", "app/%2e%2e/%2e%2e/orthanc.json"])
def test_no_path_leads_out(pacs, path):
    connection = http.client.HTTPConnection("127.0.0.1", pacs.http_port, timeout=30)   # sends the path as it is
    connection.request("GET", "/h3k27m/" + path)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status in (400, 403, 404), (answer.status, content[:200])
    assert b"root:" not in content and b"StorageDirectory" not in content


def test_deep_json_and_inflating_archives_are_refused(pacs):
    study = pacs.send_all(make_series(slices=4, PatientID="deep"))
    deep = "[" * 100_000 + "]" * 100_000
    answer = ask(pacs, None, "POST", f"cases/{study}/triage", data=deep, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", b"0" * (64 << 20))
    answer = ask(pacs, None, "POST", "models", data=bomb.getvalue(), headers={"Content-Type": "application/zip"})
    assert answer.status_code == 400 and "inflates to" in answer.json()["Details"]
    assert ask(pacs, None, "GET", "status").status_code == 200


def test_wrong_roles_stop_the_start(make_pacs):
    pacs = make_pacs(start=False, h3k27m={"Access": {"Roles": {"ada": "boss"}}})
    pacs.spawn()
    assert pacs.wait_for_exit() != 0
    assert "H3K27M.Access.Roles.ada" in pacs.log()


def test_an_open_dashboard_does_not_fill_the_audit_with_what_is_refused(server):
    def refused():
        return [entry for entry in refusals(server, "noone") if entry["action"] == "listCases"]

    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=require_tool("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = program.new_context(http_credentials={"username": "noone", "password": PASSWORD}).new_page()
        before = len(refused())
        page.goto(f"{server.client.url}/h3k27m/app/#/cases")
        expect(page.locator("body")).to_contain_text("This needs the role viewer")
        page.wait_for_timeout(1000)
        first = len(refused())
        assert first > before
        page.wait_for_timeout(9000)   # the worklist looks every four seconds
        assert len(refused()) == first
        program.close()


def test_the_dashboard_switches_off_what_is_denied_and_says_why(server):
    ask(server, "ada", "POST", "queue/0/retry", json={})   # something for the audit
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=require_tool("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for user, may in (("vera", False), ("ada", True)):
            context = program.new_context(http_credentials={"username": user, "password": PASSWORD})
            page = context.new_page()
            page.goto(f"{server.client.url}/h3k27m/app/#/models")
            upload = page.get_by_role("button", name="Upload")
            expect(page.locator("#user")).to_contain_text(USERS[user])
            expect(page.get_by_role("link", name="Audit")).to_have_count(1 if may else 0)
            if may:
                expect(upload).to_be_enabled()
                page.get_by_role("link", name="Audit").click()
                expect(page.locator("tbody")).to_contain_text("ada")
            else:
                expect(upload).to_be_disabled()
                expect(page.locator(".denied").first).to_contain_text("needs the role trainer, yours is viewer")
            context.close()
        program.close()
