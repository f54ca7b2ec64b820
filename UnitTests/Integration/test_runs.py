# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training from the PACS: labelled studies become a data set, a run, a report and a model that triage uses."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import nibabel
import numpy
import pytest
import requests

from series_builder import make_series, with_new_identity
from test_pacs import TestPacs

# Networks that learn nothing, in seconds: what is tested is the way, not the figures.
TINY = {"folds": 2, "network": {"input_size": 32, "width": 8}, "training": {"steps": 20, "batch": 4},
        "pretraining": {"steps": 5, "batch": 4}}
# Long enough to be interrupted.
LONG = {**TINY, "training": {"steps": 4000, "batch": 4}, "checkpoint_steps": 20}
LIMIT_SECONDS = 240


def wait_until(condition, what, limit=LIMIT_SECONDS):
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {limit} s")


def post(pacs, route, body=None):
    return requests.post(f"{pacs.client.url}/h3k27m/{route}", json=body or {}, timeout=120)


def get(pacs, route):
    answer = requests.get(f"{pacs.client.url}/h3k27m/{route}", timeout=120)
    assert answer.ok, answer.text
    return answer


def start(pacs, kind, config=None, **more):
    answer = post(pacs, "runs", {"kind": kind, "config": config or {}, **more})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def wait_for(pacs, run, states=("done", "failed", "cancelled")):
    return wait_until(lambda: (r := get(pacs, f"runs/{run}").json())["state"] in states and r, f"run {run}")


def artifact(pacs, run, path):
    return get(pacs, f"runs/{run}/artifacts/{path}")


def run_folder(pacs, run):
    return next(pacs.folder.glob(f"**/h3k27m-runs/{run}"))


def fill(pacs, count=12, seed=7000001):
    """Labelled phantoms; every third of each genotype external."""
    studies = [pacs.make_phantom(seed=seed + i) for i in range(count)]
    wait_until(lambda: len(get(pacs, "labels").text.strip().splitlines()) > count, "labels")
    lines = get(pacs, "labels").text.strip().splitlines()
    columns = lines[0].split(",")
    seen, csv = {}, [lines[0]]
    for line in lines[1:]:
        cells = dict(zip(columns, line.split(",")))
        number = seen[cells["genotype"]] = seen.get(cells["genotype"], 0) + 1
        csv.append(line.replace(",development,", ",external,") if number % 3 == 0 else line)
    answer = requests.post(f"{pacs.client.url}/h3k27m/labels", data="\n".join(csv).encode(),
                           headers={"Content-Type": "text/csv"}, timeout=120)
    assert answer.ok and answer.json()["refused"] == 0, answer.text
    return studies


def find_bids_errors(folder):
    """What the BIDS project's own validator calls an error."""
    validator = Path(sys.executable).parent / "bids-validator-deno"
    result = subprocess.run([validator, "--json", folder], capture_output=True, text=True, timeout=120, check=False,
                            env={**os.environ, "NO_COLOR": "1", "PATH": f"{validator.parent}:{os.environ['PATH']}"})
    return [issue for issue in json.loads(result.stdout)["issues"]["issues"] if issue["severity"] == "error"]


@pytest.fixture(scope="module")
def filled(build, tmp_path_factory):
    """One PACS with labelled studies for the tests of this file; it is never killed."""
    # High: networks of twenty steps and eight patients do not see sharply what is unusual.
    with TestPacs(tmp_path_factory.mktemp("runs"), build, h3k27m={"MinimumTypicality": 0.5}) as pacs:
        pacs.studies = fill(pacs)
        yield pacs


@pytest.fixture(scope="module")
def snapshot(filled):
    run = start(filled, "snapshot")
    state = wait_for(filled, run)
    assert state["state"] == "done", state["reason"]
    return state["result"]


def test_a_snapshot_is_a_bids_folder_that_others_read(filled, snapshot):
    folder = Path(snapshot["folder"])
    assert snapshot["counts"] == {"development": {"altered": 4, "wild-type": 4}, "external": {"altered": 2, "wild-type": 2}}
    assert snapshot["left_out"] == []
    assert find_bids_errors(folder) == []

    table = [line.split("\t") for line in (folder / "participants.tsv").read_text().splitlines()]
    assert table[0][:3] == ["participant_id", "h3k27m_status", "split"] and len(table) == 13
    assert all(row[table[0].index("synthetic")] == "yes" for row in table[1:])


def test_the_images_of_a_snapshot_lie_where_the_dicom_files_say(filled, snapshot):
    folder = Path(snapshot["folder"])
    images = []
    for path in folder.glob("sub-*/anat/*_T2w.nii.gz"):
        image = nibabel.load(path)
        images.append(image)
        mask = nibabel.load(folder / "derivatives" / "masks" / path.parent.relative_to(folder) /
                            path.name.replace("_T2w", "_dseg"))
        assert numpy.array_equal(mask.affine, image.affine) and mask.shape == image.shape
        assert set(numpy.unique(numpy.asarray(mask.dataobj))) == {0, 1}
        assert numpy.allclose(image.get_qform(), image.get_sform(), atol=1e-4)
    assert len(images) == 12
    for study in filled.studies[:3]:
        slices = [filled.dataset(i) for i in filled.client.get(f"/series/{study['series']}")["Instances"]]
        slices.sort(key=lambda s: s.ImagePositionPatient[2])
        voxels = numpy.stack([s.pixel_array for s in slices], axis=-1).transpose(1, 0, 2)   # columns, rows, slices
        image = next(i for i in images if i.shape == voxels.shape and numpy.array_equal(numpy.asarray(i.dataobj), voxels))
        for column, row, place in ((0, 0, 0), (5, 9, 3)):
            s = slices[place]
            lps = (numpy.array(s.ImagePositionPatient, float) +
                   column * s.PixelSpacing[1] * numpy.array(s.ImageOrientationPatient[:3], float) +
                   row * s.PixelSpacing[0] * numpy.array(s.ImageOrientationPatient[3:], float))
            ras = image.affine @ [column, row, place, 1]
            assert numpy.allclose(ras[:3], lps * [-1, -1, 1], atol=1e-3)


def test_two_snapshots_of_the_same_studies_are_the_same_folder(filled, snapshot):
    again = wait_for(filled, start(filled, "snapshot"))["result"]
    assert again["hash"] == snapshot["hash"] and again["id"] == snapshot["id"]
    assert [d["id"] for d in get(filled, "datasets").json()["datasets"]] == [snapshot["id"]]
    manifest = json.loads((Path(snapshot["folder"]) / "manifest.json").read_text())
    for path, digest in manifest["files"].items():
        assert subprocess.run(["sha256sum", Path(snapshot["folder"]) / path], capture_output=True, text=True,
                              check=True).stdout.startswith(digest)
    for study in filled.studies:
        patient = filled.client.get(f"/studies/{study['study']}")["PatientMainDicomTags"]
        everything = (Path(snapshot["folder"]) / "participants.tsv").read_text() + json.dumps(manifest)
        assert patient["PatientID"] not in everything and study["study_instance_uid"] not in everything


def test_a_cross_validation_becomes_a_report_and_a_model_that_reads_the_next_study(filled, snapshot):
    run = start(filled, "cross-validate", TINY, dataset=snapshot["id"])
    state = wait_for(filled, run)
    assert state["state"] == "done", state["reason"]
    job = wait_until(lambda: (j := filled.client.get(f"/jobs/{state['job']}"))["State"] == "Success" and j, "Orthanc's job")
    assert job["Type"] == "H3K27M-run" and job["Content"]["run"] == run
    assert state["progress"]["units_done"] == 2 and state["progress"]["fraction"] == 1
    assert state["result"]["out_of_fold"]["auroc"]["method"].startswith("DeLong")
    page = artifact(filled, run, "report/index.html")
    assert page.headers["Content-Type"].startswith("text/html") and "sandbox" in page.headers["Content-Security-Policy"]
    assert "Research use only" in page.text and "phantoms" in page.text and "<script" not in page.text
    events = [json.loads(line) for line in get(filled, f"runs/{run}/events").text.splitlines()]
    assert {"unit", "step", "model"} <= {event["event"] for event in events}

    refusal = post(filled, f"models/{run}/promote")
    assert refusal.status_code == 409 and "too few" in refusal.json()["Details"]
    assert post(filled, f"models/{run}/promote", {"override": True}).status_code == 400, "a reason is needed"
    before = get(filled, "status").json()["engine"]["model"]["name"]
    change = post(filled, f"models/{run}/promote", {"override": True, "reason": "a test"}).json()
    assert change == {"current": run, "previous": before}
    wait_until(lambda: (e := get(filled, "status").json()["engine"])["state"] == "ready" and e["model"]["name"] == run,
               "the engine loads the new model")
    study = filled.make_phantom(seed=7100001)["study"]
    case = filled.wait_for_case(study)
    assert case["state"] == "done" and case["result"]["model"]["name"] == run
    assert case["result"]["prediction"]["typicality"]["patients"] == 8, "those held out, each by the network that had not seen it"
    images = with_new_identity(filled.images(study), "INVERTED")
    for image in images:
        image.PixelData = (image.pixel_array.max() - image.pixel_array).tobytes()
    odd = filled.wait_for_case(filled.send_all(images), "done")["result"]
    assert odd["prediction"]["typicality"]["share"] < 0.5
    assert odd["prediction"]["status"] == "not determined" and odd["prediction"]["probability_altered"] is None
    assert "look unlike" in odd["prediction"]["reason"] + " ".join(odd["warnings"])
    assert b"look unlike those that the model knows" in filled.file(odd["report"])
    assert [m["name"] for m in get(filled, "models").json()["models"] if m["active"]] == [run]

    assert post(filled, f"models/{before}/rollback").status_code == 409, "it is not in force"
    assert post(filled, f"models/{run}/rollback", {"reason": "a test"}).json()["current"] == before
    assert post(filled, f"models/{run}/rollback").status_code == 409
    wait_until(lambda: (e := get(filled, "status").json()["engine"])["state"] == "ready" and e["model"]["name"] == before,
               "the engine loads the former model")


def test_a_gate_is_judged_once_more_against_the_model_that_came_into_force_since(filled, snapshot):
    first, second = (start(filled, "cross-validate", {**TINY, "gate_minimum_patients": 2, "seed": seed}, dataset=snapshot["id"])
                     for seed in (11, 12))
    for run in (first, second):
        assert wait_for(filled, run)["state"] == "done"
    before = get(filled, "status").json()["engine"]["model"]["name"]
    assert get(filled, f"models/{second}").json()["gate"]["baseline"]["name"] == before
    assert post(filled, f"models/{first}/promote", {"override": True, "reason": "a test"}).ok

    stale = post(filled, f"models/{second}/promote")
    assert stale.status_code == 409
    answer = post(filled, f"models/{second}/gate")
    assert answer.ok, answer.text
    verdict = answer.json()
    api = get(filled, "openapi.json").json()
    schema = {**api["components"]["schemas"]["GateVerdict"], "components": api["components"]}
    jsonschema.Draft202012Validator(schema).validate(verdict)
    assert (verdict["candidate"]["name"], verdict["baseline"]["name"], verdict["cases"]) == (second, first, 4)
    assert verdict["records"] == {"candidate": second, "baseline": first}
    assert verdict["passed"] is False, "of four patients nothing is judged"
    assert get(filled, f"models/{second}").json()["gate"] == verdict
    refusal = post(filled, f"models/{second}/promote")
    assert refusal.status_code == 409 and verdict["reason"] in refusal.json()["Details"]
    audit = get(filled, f"audit?subject={second}").json()["entries"]
    assert {"judgeGate", "model-gate-judged"} <= {entry["action"] for entry in audit}

    for name, status, words in ((first, 409, "is in force"), (before, 409, "No run of this server"), ("nobody", 404, "no model")):
        refused = post(filled, f"models/{name}/gate")
        assert refused.status_code == status and words in refused.json()["Details"], refused.text
    assert post(filled, f"models/{second}/gate", {"colour": 1}).status_code == 400
    assert post(filled, f"models/{first}/rollback", {"reason": "a test"}).json()["current"] == before
    wait_until(lambda: (e := get(filled, "status").json()["engine"])["state"] == "ready" and e["model"]["name"] == before,
               "the engine loads the former model")


def test_an_encoder_is_a_model_to_start_from_and_not_one_to_promote(filled, snapshot):
    run = start(filled, "pretrain", TINY, phantoms=2)
    assert wait_for(filled, run)["state"] == "done"
    assert get(filled, f"models/{run}").json()["variant"] == "mae"
    assert post(filled, f"models/{run}/promote", {"override": True, "reason": "a test"}).status_code == 400
    tuned = start(filled, "fine-tune", TINY, dataset=snapshot["id"], **{"from": run})
    state = wait_for(filled, tuned)
    assert state["state"] == "done", state["reason"]
    card = get(filled, f"models/{tuned}").json()["card"]
    assert card["run"]["from"]["name"] == run


def test_a_training_starts_from_the_first_network_of_a_cross_validation(filled, snapshot):
    run = start(filled, "cross-validate", TINY, dataset=snapshot["id"])
    assert wait_for(filled, run)["state"] == "done"
    tuned = start(filled, "fine-tune", TINY, dataset=snapshot["id"], **{"from": run})
    state = wait_for(filled, tuned)
    assert state["state"] == "done", state["reason"]
    origin = get(filled, f"models/{tuned}").json()["card"]["run"]["from"]
    assert origin["name"] == run and origin["member"] == "fold-1"
    assert len(origin["training_data"]["images"]) == 8, "those whom the other network alone has seen, too"


def test_an_encoder_learns_from_studies_without_a_label_and_serves_those_with_one(filled, snapshot):
    """Nobody who is measured is among them, so the ablation takes the encoder."""
    for slices in (6, 7, 8):
        filled.send_all(make_series(slices=slices, PatientID=f"UNLABELLED-{slices}"))
    run = start(filled, "pretrain", TINY)
    state = wait_for(filled, run)
    assert state["state"] == "done", state["reason"]
    report = artifact(filled, run, "dataset.json").json()
    used = report["counts"]["used"]
    assert report["contents"] == "unlabelled" and used >= 3 and report["counts"]["labelled"] >= 12
    folder = Path(report["folder"])
    assert len(list(folder.glob("sub-*/anat/*_T2w.nii.gz"))) == used and not (folder / "derivatives").exists()
    assert get(filled, f"models/{run}").json()["card"]["training_data"]["count"] == used
    tuned = wait_for(filled, start(filled, "fine-tune", TINY, dataset=snapshot["id"], **{"from": run}))
    assert tuned["state"] == "done", tuned["reason"]


def test_a_model_is_measured_on_the_external_patients(filled, snapshot):
    model = get(filled, "status").json()["engine"]["model"]["name"]
    run = start(filled, "evaluate", dataset=snapshot["id"], **{"from": model})
    state = wait_for(filled, run)
    assert state["state"] == "done", state["reason"]
    auroc = state["result"]["external"]["auroc"]
    outcomes = artifact(filled, run, "external.json").json()
    assert len(outcomes) == 4 and auroc["low"] <= auroc["value"] <= auroc["high"]
    page = artifact(filled, run, "report/index.html").text
    assert "Evaluation on split external" in page and model in page and "phantoms" in page


def compare(pacs, a, b):
    return requests.get(f"{pacs.client.url}/h3k27m/runs/compare", params={"a": a, "b": b}, timeout=120)


def test_two_runs_are_compared_where_they_measured_the_same_patients(filled, snapshot):
    longer = {**TINY, "training": {"steps": 30, "batch": 4}, "seed": 5}
    a, b = (start(filled, "cross-validate", config, dataset=snapshot["id"]) for config in (TINY, longer))
    waiting = compare(filled, a, b)
    assert waiting.status_code == 409 and "is not done" in waiting.json()["Details"]
    for run in (a, b):
        assert wait_for(filled, run)["state"] == "done"
    answer = compare(filled, a, b)
    assert answer.ok, answer.text
    comparison = answer.json()
    api = get(filled, "openapi.json").json()
    schema = {**api["components"]["schemas"]["RunComparison"], "components": api["components"]}
    jsonschema.Draft202012Validator(schema).validate(comparison)
    assert (comparison["a"]["id"], comparison["b"]["id"]) == (a, b) and comparison["data"]["same"] is True
    assert {"key": "training.steps", "a": 20, "b": 30} in comparison["config"]
    assert {"seed", "training.steps"} == {difference["key"] for difference in comparison["config"]}
    assert [(m["set"], m["comparable"], m["patients"]) for m in comparison["measured"]] == [
        ("out_of_fold", True, {"a": 8, "b": 8, "common": 8}), ("external", True, {"a": 4, "b": 4, "common": 4})]
    for measured in comparison["measured"]:
        ours = [artifact(filled, run, "metrics.json").json()[measured["set"]]["auroc"] for run in (a, b)]
        assert [measured["metrics"]["auroc"][side] for side in "ab"] == ours
        oracle = artifact(filled, a, "metrics.json").json()[measured["set"]]["oracle"]
        assert measured["metrics"]["oracle"]["auroc"]["a"] == oracle["auroc"]
        difference = measured["difference"]["auroc"]["difference"]
        assert difference["value"] == pytest.approx(ours[0]["value"] - ours[1]["value"])
        assert difference["low"] <= difference["value"] <= difference["high"]
        # So few patients may be ranked alike by both: then the method says that paired DeLong has no variance.
        assert difference["method"].startswith(("DeLong, paired", "exact binomial bound")) and "DeLong" in difference["method"]

    model = get(filled, "status").json()["engine"]["model"]["name"]
    evaluation = start(filled, "evaluate", dataset=snapshot["id"], **{"from": model})
    assert wait_for(filled, evaluation)["state"] == "done"
    measured = compare(filled, a, evaluation).json()["measured"]
    assert [m["comparable"] for m in measured] == [False, True] and "only run a" in measured[0]["reason"]

    for pair, status, words in (((a, "nobody"), 404, "no run"), ((a, a), 400, "two different"), ((a, ""), 404, "no run")):
        refusal = compare(filled, *pair)
        assert refusal.status_code == status and words in refusal.json()["Details"], refusal.text
    data = start(filled, "snapshot")
    assert wait_for(filled, data)["state"] == "done"
    assert "snapshot" in compare(filled, a, data).json()["Details"]


def test_all_faults_of_a_request_are_named_before_anything_begins(filled):
    answer = post(filled, "runs", {"kind": "cross-validate", "config": {"folds": 1, "sed": 3, "training": {"steps": 0}}})
    assert answer.status_code == 400
    for fault in ("folds must be", "sed is not known", "training.steps must be"):
        assert fault in answer.json()["Details"], answer.text
    for body, status in (({"kind": "dance"}, 400), ({"kind": "ablate", "from": "x"}, 400),
                         ({"kind": "cross-validate", "dataset": "00"}, 404),
                         ({"kind": "fine-tune", "from": "nobody"}, 404), ({"kind": "snapshot", "colour": 1}, 400)):
        assert post(filled, "runs", body).status_code == status, body
    model = get(filled, "status").json()["engine"]["model"]["name"]
    narrow = post(filled, "runs", {"kind": "fine-tune", "config": TINY, "from": model})
    for words in (f"cannot start from {model}", "its own network is of the variant fusion and the width 8"):
        assert narrow.status_code == 400 and words in narrow.json()["Details"], narrow.text
    frozen = post(filled, "runs", {"kind": "cross-validate", "config": {"training": {"freeze_encoder_steps": 5}}})
    assert frozen.status_code == 400 and "needs a model or an encoder to start from" in frozen.json()["Details"], frozen.text


def test_a_run_that_cannot_be_says_why(filled, snapshot):
    run = start(filled, "cross-validate", {**TINY, "folds": 5}, dataset=snapshot["id"])
    state = wait_for(filled, run)
    assert state["state"] == "failed" and "fold" in state["reason"]
    resumed = post(filled, f"runs/{run}/resume")
    assert resumed.status_code == 202
    assert wait_for(filled, run)["state"] == "failed"


@pytest.mark.alone
def test_a_cancelled_run_ends_within_two_seconds_and_goes_on_later(filled, snapshot):
    run = start(filled, "cross-validate", LONG, dataset=snapshot["id"])
    wait_until(lambda: (get(filled, f"runs/{run}").json()["progress"] or {}).get("step", 0) >= 40, "steps")
    job = get(filled, f"runs/{run}").json()["job"]
    assert filled.client.get(f"/jobs/{job}")["State"] == "Running"
    begin = time.monotonic()
    assert post(filled, f"runs/{run}/cancel").status_code == 202
    wait_for(filled, run, ("cancelled",))
    assert time.monotonic() - begin < 2
    assert (run_folder(filled, run) / "fold-1" / "checkpoint.safetensors").exists()
    assert post(filled, f"runs/{run}/cancel").status_code == 409
    assert post(filled, f"runs/{run}/resume").status_code == 202
    wait_until(lambda: '"resumed"' in get(filled, f"runs/{run}/events").text, "the run goes on from its checkpoint")
    # From Orthanc's own list of jobs as well.
    third = start(filled, "cross-validate", LONG, dataset=snapshot["id"])
    post(filled, f"runs/{run}/cancel")
    wait_for(filled, run, ("cancelled",))
    job = wait_until(lambda: get(filled, f"runs/{third}").json()["job"], "the third run begins")
    filled.client.post(f"/jobs/{job}/cancel", {})
    wait_for(filled, third, ("cancelled",))


def test_artifacts_are_those_of_the_run_alone(filled, snapshot):
    run = start(filled, "snapshot")
    wait_for(filled, run)
    (run_folder(filled, run) / "link").symlink_to("/etc/passwd")
    for path in ("../../h3k27m-work.db", "%2e%2e/%2e%2e/h3k27m-work.db", "link", ""):
        answer = requests.get(f"{filled.client.url}/h3k27m/runs/{run}/artifacts/{path}", timeout=60)
        assert answer.status_code == 404 or (path == "" and answer.ok), path
    made = artifact(filled, run, "dataset.json").json()
    assert made["id"] in [d["id"] for d in get(filled, "datasets").json()["datasets"]]
    # What a training leaves broken is that run's alone.
    (run_folder(filled, run) / "progress.json").write_text('{"fraction": ')
    (run_folder(filled, run) / "events.jsonl").symlink_to("/etc/passwd")
    assert {r["id"]: r["progress"] for r in get(filled, "runs").json()["runs"]}[run] is None
    assert get(filled, f"runs/{run}/events").text == ""


def test_a_run_survives_the_death_of_the_engine_and_of_orthanc(make_pacs):
    pacs = make_pacs()
    fill(pacs, count=8)
    config = {**LONG, "training": {"steps": 150, "batch": 4}}
    undisturbed = start(pacs, "cross-validate", config)
    assert wait_for(pacs, undisturbed)["state"] == "done"
    run = start(pacs, "cross-validate", config)

    def step():
        return (get(pacs, f"runs/{run}").json()["progress"] or {}).get("step", 0)

    wait_until(lambda: step() >= 40, "steps")
    os.kill(get(pacs, f"runs/{run}").json()["progress"]["pid"], signal.SIGKILL)
    wait_until(lambda: get(pacs, f"runs/{run}").json()["attempts"] == 2, "a second attempt")
    wait_until(lambda: '"resumed"' in get(pacs, f"runs/{run}/events").text, "it goes on")
    wait_until(lambda: step() >= 80, "steps")
    pacs.kill()
    pacs.start()
    state = wait_for(pacs, run)
    assert state["state"] == "done", state["reason"]
    first, second = (artifact(pacs, r, "metrics.json").json() for r in (undisturbed, run))
    for metrics in (first, second):
        metrics.pop("gate")
    assert first == second, "bit-equal to the run that was never interrupted"
