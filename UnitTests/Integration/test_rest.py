# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""REST: every answer is held to openapi.json, every documented route exists, and what changes something is guarded."""

import os
import re
import signal

import pytest
import requests
from openapi_spec_validator import validate
from series_builder import make_series


@pytest.fixture(scope="module")
def done(pacs):
    made = pacs.make_phantom(seed=11)
    return {**made, "case": pacs.wait_for_case(made["study"], "done")}


def test_openapi_is_a_valid_document(api):
    validate(api)
    assert api["openapi"].startswith("3.")


def test_schemas_say_what_they_require(api):
    """A schema without required properties would let every answer pass."""
    loose = []
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            if method not in ("get", "post", "put", "delete"):
                continue
            answer = next(operation["responses"][code] for code in ("200", "201", "202") if code in operation["responses"])
            if set(answer["content"]) != {"application/json"}:
                continue
            schema = answer["content"]["application/json"]["schema"]
            for option in schema.get("anyOf", [schema]):
                if "$ref" in option:
                    option = api["components"]["schemas"][option["$ref"].rsplit("/", 1)[1]]
                if not option.get("required") and path != "/openapi.json":
                    loose.append(f"{method} {path}")
    assert loose == []


def test_a_method_that_a_route_does_not_know_is_told_and_what_it_knows(pacs, api):
    """Orthanc closes the connection without a word when a plugin answers 405 as it does everything else."""
    for path, operations in api["paths"].items():
        known = {method for method in operations if method in ("get", "post", "put", "delete")}
        address = f"{pacs.client.url}/h3k27m{re.sub('{[^}]*}', 'x', path)}"
        for method in {"get", "post", "put", "delete"} - known:
            answer = requests.request(method, address, json={"a": 1}, timeout=60)
            assert answer.status_code == 405, f"{method} {path}: {answer.status_code}"
            assert set(answer.headers["Allow"].lower().split(",")) == known, path


@pytest.mark.parametrize("route", ["status", "cases", "queue", "models", "backfill"])
def test_lists_and_status(call, done, route):
    assert call("GET", route).status_code == 200


def test_status_says_what_runs(call):
    status = call("GET", "status").json()
    assert status["research_use_only"] is True
    assert status["triage"] == "on"
    assert status["engine"]["state"] == "ready"
    assert set(status["queue"]) >= {"queued", "running", "done", "failed", "dead", "cancelled", "refused"}


def test_case_and_routing(call, done):
    case = call("GET", "cases/{study}", study=done["study"]).json()
    assert case["result"]["report"] == done["case"]["result"]["report"]
    verdict = call("GET", "routing/{series}", series=done["series"]).json()
    assert verdict["accepted"] is True
    by_uid = call("GET", "cases", query={"StudyInstanceUID": done["study_instance_uid"]}).json()
    assert by_uid["study"] == done["study"]


def test_unknown_things_are_404_with_the_shape_of_orthanc(call):
    for route, path in (("cases/{study}", {"study": "0-0-0-0-0"}), ("routing/{series}", {"series": "0-0-0-0-0"}),
                        ("queue/{id}", {"id": "999999"}), ("models/{name}", {"name": "none"})):
        answer = call("GET", route, **path)
        assert answer.status_code == 404, answer.text
        assert {"HttpStatus", "Message", "Details"} <= set(answer.json())


def test_worklist_pages_filters_and_sorts(call, pacs, done):
    for one in pacs.make_phantoms(seed=300, count=3, tumour=True):
        pacs.wait_for_case(one["study"], "done")
    everything = call("GET", "cases", query={"limit": 1000}).json()
    assert everything["total"] >= 4
    first = call("GET", "cases", query={"limit": 2, "order": "created", "descending": "false"}).json()
    second = call("GET", "cases", query={"limit": 2, "offset": 2, "order": "created", "descending": "false"}).json()
    created = [case["created"] for case in first["cases"] + second["cases"]]
    assert created == sorted(created) and len({c["study"] for c in first["cases"] + second["cases"]}) == len(created)
    assert call("GET", "cases", query={"state": "refused"}).json()["cases"] == []
    scored = call("GET", "cases", query={"order": "probability", "descending": "true"}).json()["cases"]
    scores = [case["probability_altered"] for case in scored if case["probability_altered"] is not None]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "many"}, {"state": "purple"}, {"colour": "red"},
                                   {"offset": "-1"}])
def test_wrong_queries_are_refused(call, query):
    assert call("GET", "cases", query=query).status_code == 400


@pytest.mark.parametrize("tail", ["%3Fx", "%23x", "%2525", "%20", "%3Fx=%2F"])
def test_a_study_has_one_name_alone(pacs, done, tail):
    """What changes a path of Orthanc's own REST interface names no study, though Orthanc would find one."""
    address = f"{pacs.client.url}/h3k27m/cases/{done['study']}{tail}"
    for route in ("", "/label", "/mask", "/review"):
        assert requests.get(address + route, timeout=60).status_code == 404, route
    assert requests.post(f"{address}/triage", json={"force": True}, timeout=60).status_code == 404


def test_models_list_and_card(call):
    models = call("GET", "models").json()["models"]
    active = [model for model in models if model["active"]]
    assert len(active) == 1
    card = call("GET", "models/{name}", name=active[0]["name"]).json()["card"]
    assert card["research_use_only"] is True and card["weights_sha256"]


def test_queue_cancel_and_retry(make_pacs, build):
    pacs = make_pacs(h3k27m={"ConcurrentStudies": 1})
    first = pacs.send_all(make_series(slices=40))
    second = pacs.send_all(make_series(slices=4))
    pacs.wait_until(lambda: pacs.client.get_case(second), what="a second case")
    task = pacs.client.get_case(second)["id"]
    answer = pacs.client.post(f"/h3k27m/queue/{task}/cancel", {})
    assert answer["id"] == task
    assert pacs.wait_for_case(second)["state"] == "cancelled"
    pacs.wait_for_case(first, "done")
    pacs.settle()
    assert pacs.results(second) == {"SEG": [], "SR": []}
    pacs.client.post(f"/h3k27m/queue/{task}/retry", {})
    pacs.wait_until(lambda: pacs.client.get_case(second)["state"] == "done", 120, "a retried study")


def test_running_study_can_be_cancelled(make_pacs):
    """The engine stands still meanwhile, so that the study cannot be finished first; cancelling does not wait for it."""
    pacs = make_pacs()
    engine = pacs.engine()["pid"]
    os.kill(engine, signal.SIGSTOP)
    try:
        study = pacs.send_all(make_series(slices=20))
        pacs.wait_until(lambda: (pacs.client.get_case(study) or {}).get("state") == "running", what="a running study")
        pacs.client.post(f"/h3k27m/queue/{pacs.client.get_case(study)['id']}/cancel", {})
        assert pacs.wait_for_case(study, "cancelled", limit_seconds=10)
    finally:
        os.kill(engine, signal.SIGCONT)
    assert pacs.results(study) == {"SEG": [], "SR": []}
    assert pacs.wait_for_case(pacs.send_all(make_series()), "done")


def test_backfill(make_pacs):
    """Studies from before the plugin was there are left alone until they are asked for."""
    pacs = make_pacs(h3k27m={"Triage": "on"})
    plugins, pacs.configuration["Plugins"] = pacs.configuration["Plugins"], []
    pacs.stop()
    pacs.start(wait_for_engine=False)
    old = pacs.send_all(make_series(StudyDate="20190301"))
    recent = pacs.send_all(make_series(StudyDate="20240301"))
    pacs.stop()
    pacs.configuration["Plugins"] = plugins
    return_to_first_start(pacs)
    pacs.start()
    pacs.settle()
    assert pacs.client.get_case(old) is None and pacs.client.get_case(recent) is None

    plan = pacs.client.post("/h3k27m/backfill", {"date_from": "20240101", "dry_run": True})
    assert plan["studies"] == 1 and plan["first"] == [recent]
    pacs.settle()
    assert pacs.client.get_case(recent) is None
    pacs.client.post("/h3k27m/backfill", {"date_from": "20240101"})
    pacs.wait_until(lambda: pacs.client.get_case(recent), what="the case of the recent study")
    assert pacs.wait_for_case(recent, "done")["priority"] == "backfill"
    assert pacs.client.get_case(old) is None


@pytest.mark.parametrize("body, reason", [
    ({}, "whole archive"),
    ({"dry_run": False}, "whole archive"),
    ({"all": True, "date_from": "20240101"}, "neither dates nor a limit"),
    ({"date_from": "2024-01-01"}, "YYYYMMDD"),
])
def test_the_whole_archive_is_not_queued_by_a_slip(pacs, body, reason):
    answer = requests.post(pacs.client.url + "/h3k27m/backfill", json=body, timeout=30)
    assert answer.status_code == 400 and reason in answer.json()["Details"]
    assert pacs.client.get("/h3k27m/backfill")["pending"] == 0


def test_a_backfill_is_stopped(make_pacs):
    """What waits at its priority is cancelled and stays so; what is more urgent and what is at work are finished."""
    pacs = make_pacs(h3k27m={"Triage": "off", "ConcurrentStudies": 1})
    studies = [pacs.send_all(make_series(PatientID=f"B{i}")) for i in range(3)]
    engine = pacs.client.get("/h3k27m/status")["engine"]["pid"]
    os.kill(engine, signal.SIGSTOP)
    try:
        pacs.client.post(f"/h3k27m/cases/{studies[0]}/triage", {"priority": "urgent"})
        pacs.wait_until(lambda: pacs.client.get_case(studies[0])["state"] == "running", what="one at work")
        pacs.client.post(f"/h3k27m/cases/{studies[1]}/triage", {"priority": "backfill"})
        pacs.client.post(f"/h3k27m/cases/{studies[2]}/triage", {"priority": "routine"})
        for cancelled in (1, 0):
            answer = requests.delete(pacs.client.url + "/h3k27m/backfill", timeout=30)
            assert answer.json() == {"dropped": 0, "cancelled": cancelled}
    finally:
        os.kill(engine, signal.SIGCONT)
    assert pacs.wait_for_case(studies[1], "cancelled")["reason"] == "its backfill was stopped"
    assert pacs.wait_for_case(studies[0], "done") and pacs.wait_for_case(studies[2], "done")


def return_to_first_start(pacs):
    """Forgets the work store, as on a server that gets the plugin today."""
    for path in pacs.folder.joinpath("db").glob("*h3k27m*"):
        path.unlink()


def test_phantoms_only_where_allowed(make_pacs):
    pacs = make_pacs(h3k27m={"PhantomsRoute": False})
    answer = requests.post(pacs.client.url + "/h3k27m/phantoms", json={}, timeout=30)
    assert answer.status_code == 403 and "PhantomsRoute" in answer.json()["Details"]


@pytest.mark.parametrize("headers, body, status", [
    ({"Content-Type": "text/plain"}, "{}", 415),
    ({"Content-Type": "application/json", "Origin": "http://evil.example"}, "{}", 403),
    ({"Content-Type": "application/json"}, "{", 400),
    ({"Content-Type": "application/json"}, "[]", 400),
    ({"Content-Type": "application/json"}, '{"colour": "red"}', 400),
])
def test_mutations_are_guarded(pacs, done, headers, body, status):
    for route in (f"cases/{done['study']}/triage", "backfill"):
        answer = requests.post(f"{pacs.client.url}/h3k27m/{route}", data=body, headers=headers, timeout=30)
        assert answer.status_code == status, (route, answer.status_code, answer.text)


def test_an_image_in_a_foreign_page_changes_nothing(pacs, done):
    """Orthanc makes a DELETE of "GET ?_method=DELETE", which a browser sends without Origin and without asking before."""
    for route in (f"cases/{done['study']}/label", f"cases/{done['study']}/mask", "backfill"):
        answer = requests.get(f"{pacs.client.url}/h3k27m/{route}?_method=DELETE", timeout=30)
        assert answer.status_code == 403 and "faked" in answer.json()["Details"], (route, answer.text)


def test_metrics_are_on_orthancs_own_page(pacs, done):
    text = requests.get(pacs.client.url + "/tools/metrics-prometheus", timeout=30).text
    names = set(re.findall(r"^(h3k27m_\w+) ", text, re.MULTILINE))
    assert len(names) >= 5, names
    done_line = re.search(r"^h3k27m_\w*done\w* (\d+)", text, re.MULTILINE)
    assert done_line and int(float(done_line.group(1))) >= 1, sorted(names)


def test_every_route_of_the_issue_is_documented(api):
    wanted = ["status", "openapi.json", "cases", "cases/{study}", "cases/{study}/triage", "routing/{series}", "queue",
              "queue/{id}/retry", "queue/{id}/cancel", "models", "models/{name}", "phantoms", "backfill",
              "cases/{study}/label", "cases/{study}/mask", "labels", "labels/dry-run"]
    assert [route for route in wanted if f"/{route}" not in api["paths"]] == []
    assert [server["url"] for server in api["servers"]] == ["/h3k27m"]
