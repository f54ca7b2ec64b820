# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup and restore as the README has them, and a work store that is lost: what a person said is kept, nothing is made twice."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import requests
from conftest import require_tool
from postgresql_server import PostgreSqlServer
from series_builder import make_series
from test_pacs import use_postgresql

PERSON = {"reviewer": "Expert^One", "organisation": "Bonn"}


def everything(pacs, study):
    """What a user would miss."""
    found = {route: pacs.client.get(f"/h3k27m/{route}") for route in
             (f"cases/{study}", f"cases/{study}/label", f"cases/{study}/mask", f"cases/{study}/review", "models")}
    entries = pacs.client.get("/h3k27m/audit?limit=1000")["entries"]
    return {**found, "audit": [entry for entry in entries if entry["action"] != "listAudit"]}   # but our own looking at it


def make_reviewed_study(pacs):
    """(study, its case): with a label, a mask and a review."""
    study = pacs.make_phantom(seed=71, status="altered")["study"]
    case = pacs.wait_for_case(study, "done")
    review = {"decision": "accepted", **PERSON, "result": case["result"]["report_instance_uid"], "replaces": ""}
    assert requests.post(f"{pacs.client.url}/h3k27m/cases/{study}/review", json=review, timeout=60).ok
    pacs.wait_until(lambda: pacs.client.get_case(study)["human_mask"], 30, "the planted mask in the work store")
    pacs.settle()
    return study, case


def test_a_copy_of_the_folder_is_restored_with_all_that_people_said(make_pacs, tmp_path):
    pacs = make_pacs()
    study, case = make_reviewed_study(pacs)
    before = everything(pacs, study)
    pacs.stop()   # Orthanc keeps its SQLite index locked while it runs
    shutil.copytree(pacs.folder / "db", tmp_path / "backup")
    pacs.start()

    # What comes after the backup is lost with the server; the senders send it again.
    late = make_series(slices=5)
    pacs.send_all(late)
    pacs.kill()
    shutil.rmtree(pacs.folder / "db")
    shutil.copytree(tmp_path / "backup", pacs.folder / "db")
    pacs.start()
    pacs.settle()
    assert everything(pacs, study) == before
    again = pacs.send_all(late)
    result = pacs.wait_for_case(again, "done")["result"]
    assert pacs.results(again)["SR"] == [result["report"]]
    assert pacs.client.get_case(study)["finished"] == case["finished"]   # nothing was computed anew


@pytest.fixture
def two_databases():
    with PostgreSqlServer() as first, PostgreSqlServer() as second:
        yield first, second


def run_tool(database, program, *arguments):
    subprocess.run([database.programs / program, f"--dbname={database.url}", *map(str, arguments)], check=True)


def test_a_dump_of_postgresql_is_restored_into_a_new_server(two_databases, make_pacs, tmp_path):
    """Index, images and work store are in the database, models and runs are folders."""
    lost, new = two_databases
    pacs = make_pacs(start=False, h3k27m={"WorkStore": lost.url})
    use_postgresql(pacs, lost)
    pacs.start()
    study, case = make_reviewed_study(pacs)
    before = everything(pacs, study)
    worklist = pacs.client.get("/h3k27m/cases")["cases"]
    files = {instance: pacs.file(instance) for instance, _ in pacs.instances(study)}
    assert worklist and case["result"]["report"] in files
    pacs.stop()
    run_tool(lost, "pg_dump", "--format=custom", f"--file={tmp_path / 'orthanc.dump'}")
    shutil.copytree(pacs.folder / "db", tmp_path / "backup")
    pacs.start()

    # What comes after the backup is lost with the server; the senders send it again.
    late = make_series(slices=5)
    pacs.send_all(late)
    pacs.kill()
    lost.stop()
    shutil.rmtree(pacs.folder / "db")
    shutil.copytree(tmp_path / "backup", pacs.folder / "db")
    run_tool(new, "pg_restore", "--exit-on-error", tmp_path / "orthanc.dump")
    pacs.configuration["H3K27M"]["WorkStore"] = new.url
    pacs.configuration["PostgreSQL"]["Port"] = new.port
    pacs.start()
    pacs.settle()
    assert everything(pacs, study) == before
    assert pacs.client.get("/h3k27m/cases")["cases"] == worklist
    assert {instance: pacs.file(instance) for instance, _ in pacs.instances(study)} == files
    again = pacs.send_all(late)
    result = pacs.wait_for_case(again, "done")["result"]
    assert pacs.results(again)["SR"] == [result["report"]]
    assert pacs.client.get_case(study)["finished"] == case["finished"]   # nothing was computed anew


def test_the_work_store_is_backed_up_while_orthanc_runs_and_goes_on_beside_a_newer_archive(make_pacs, tmp_path):
    pacs = make_pacs()
    first = pacs.send_all(make_series(slices=4))
    done = pacs.wait_for_case(first, "done")
    store, backup = pacs.folder / "db" / "h3k27m-work.db", tmp_path / "work.db"
    subprocess.run([require_tool("sqlite3"), store, f".backup '{backup}'"], check=True)
    second = pacs.send_all(make_series(slices=5))
    report = pacs.file(pacs.wait_for_case(second, "done")["result"]["report"])
    pacs.kill()
    for path in store.parent.glob("h3k27m-work.db*"):
        path.unlink()
    shutil.copy(backup, store)
    pacs.start()
    pacs.wait_until(lambda: pacs.client.get_case(second), 60, "the study that came after the backup, from the change log")
    case = pacs.wait_for_case(second, "done")
    assert pacs.results(second)["SR"] == [case["result"]["report"]]
    assert pacs.file(case["result"]["report"]) == report   # recognised, and not made again
    assert pacs.client.get_case(first)["finished"] == done["finished"]


def test_a_work_store_that_is_lost_costs_no_result_and_no_label(make_pacs):
    """The PACS holds results, labels, masks and reviews; the audit and the models in force are in the store alone."""
    pacs = make_pacs()
    study = pacs.make_phantom(seed=72, status="altered")["study"]
    case = pacs.wait_for_case(study, "done")
    label = pacs.client.get(f"/h3k27m/cases/{study}/label")
    report = pacs.file(case["result"]["report"])
    pacs.stop()
    for path in Path(pacs.folder / "db").glob("h3k27m-work.db*"):
        path.unlink()
    pacs.start()
    pacs.wait_until(lambda: pacs.client.get("/h3k27m/status")["engine"]["state"] == "ready", 60, "an engine")
    assert pacs.client.get(f"/h3k27m/cases/{study}/label") == label
    pacs.client.post("/h3k27m/backfill", {"all": True})
    pacs.wait_until(lambda: pacs.client.get_case(study), 60, "a study that the backfill queued")
    again = pacs.wait_for_case(study, "done")
    assert pacs.results(study, {"mask": case_mask(pacs, study), "label": label["stored"]["instance"]})["SR"] == [again["result"]["report"]]
    assert again["result"]["report"] == case["result"]["report"]
    assert pacs.file(again["result"]["report"]) == report   # it was recognised, and not made again
    assert json.dumps(again["label"]) == json.dumps(label)


def case_mask(pacs, study):
    return pacs.client.get(f"/h3k27m/cases/{study}/mask")["segmentation"]
