# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A series that the rules refuse is read by hand: kept over restarts and late images, told wherever the result is, and withdrawn."""

from series_builder import make_series
from test_access import ask, server   # noqa: F401 - a fixture, with users of each role

FLAIR = {"SeriesDescription": "AX FLAIR"}   # what a technician typed over a T2


def failed(verdict):
    return [(criterion["name"], criterion["binding"]) for criterion in verdict["criteria"] if not criterion["passed"]]


def test_a_series_that_a_reader_chose_is_read_until_that_is_withdrawn(server):   # noqa: F811
    datasets = make_series(**FLAIR)
    study = server.send_all(datasets)
    [verdict] = server.wait_for_case(study, "refused")["routing"]
    assert failed(verdict) == [("description", False)]
    series, route = verdict["series"], f"cases/{study}/series"
    assert ask(server, "vera", "PUT", route, json={"series": series}).status_code == 403
    assert ask(server, "anna", "PUT", route, json={"series": series}).status_code == 202
    case = server.wait_for_case(study, "done")
    assert case["series_choice"] == {"series": series, "by": "anna"} and case["result"]["series"] == series
    [verdict] = case["routing"]
    assert verdict["accepted"] and verdict["reasons"] == [] and failed(verdict) == [("description", False)]
    words = 'The series was chosen by hand by anna; the rules speak against it: description: "AX FLAIR"'
    assert verdict["choice"].startswith(words) and verdict["choice"] in case["result"]["warnings"]
    assert "chosen by hand by anna" in server.dataset(case["result"]["report"]).to_json()

    server.stop()
    server.start()
    assert ask(server, "anna", "POST", f"cases/{study}/triage", json={"force": True, "priority": "urgent"}).status_code == 202
    again = server.wait_for_case(study, "done")
    assert again["result"]["report_instance_uid"] == case["result"]["report_instance_uid"]

    # One that the rules would take comes later.
    assert server.send_all(make_series(study=datasets[0].StudyInstanceUID, SeriesNumber=4)) == study

    def looked_at():
        now = server.client.get_case(study)
        return now["state"] == "done" and len(now["routing"]) == 2 and now
    late = server.wait_until(looked_at, 120, "a verdict on the second series")
    assert all(verdict["accepted"] for verdict in late["routing"]) and late["result"]["series"] == series
    assert server.results(study)["SR"] == [case["result"]["report"]]

    assert ask(server, "anna", "DELETE", route).status_code == 202
    automatic = server.wait_for_case(study, "done")
    assert automatic["series_choice"] is None and automatic["result"]["series"] != series
    assert server.results(study)["SR"] == [automatic["result"]["report"]]
    assert ask(server, "anna", "DELETE", route).status_code == 404

    history = ask(server, "vera", "GET", f"cases/{study}/history").json()["entries"]
    assert [(entry["action"], entry["by"], entry["details"]) for entry in history if entry["action"].endswith("Series")] == [
        ("withdrawSeries", "anna", None), ("chooseSeries", "anna", f"series {series}")]
    audit = ask(server, "ada", "GET", f"audit?subject={study}").json()["entries"]
    assert [(entry["user"], entry["action"], entry["outcome"]) for entry in audit if entry["action"].endswith("Series")] == [
        ("anna", "withdrawSeries", "failed"), ("anna", "withdrawSeries", "done"), ("anna", "chooseSeries", "done"),
        ("vera", "chooseSeries", "refused")]


def test_without_another_series_the_study_is_refused_again(pacs, call):
    study = pacs.send_all(make_series(**FLAIR))
    series = pacs.wait_for_case(study, "refused")["routing"][0]["series"]
    assert call("PUT", "cases/{study}/series", body={"series": series}, study=study).status_code == 202
    pacs.wait_for_case(study, "done")
    case = call("GET", "cases/{study}", study=study).json()
    assert case["series_choice"] == {"series": series, "by": None}, "nobody has to sign in here"
    assert call("GET", "routing/{series}", series=series).json()["accepted"] is True
    assert call("DELETE", "cases/{study}/series", study=study).status_code == 202
    assert "description" in pacs.wait_for_case(study, "refused")["reason"]
    assert pacs.results(study) == {"SEG": [], "SR": []}


def test_what_cannot_be_read_stays_refused_whoever_chooses_it(pacs, call):
    study = pacs.send_all(make_series(slices=3, ImageOrientationPatient=[0, 1, 0, 0, 0, -1]))
    other = pacs.send_all(make_series(slices=3, **FLAIR))
    refused, elsewhere = (pacs.wait_for_case(one, "refused") for one in (study, other))
    assert failed(refused["routing"][0]) == [("orientation", True)]

    def choose(body):
        return call("PUT", "cases/{study}/series", body=body, study=study)
    answer = choose({"series": refused["routing"][0]["series"]})
    assert answer.status_code == 409 and "orientation: 90 degrees from axial" in answer.json()["Details"]
    assert choose({"series": elsewhere["routing"][0]["series"]}).status_code == 404, "a series of another study"
    assert choose({}).status_code == 400
    now = pacs.client.get_case(study)
    assert now["series_choice"] is None and now["finished"] == refused["finished"], "nothing was changed"
