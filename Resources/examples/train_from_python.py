#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains on the labelled cases of a PACS from a script: labels, cross-validation, report, promotion. Needs `requests` only.

    train_from_python.py --url http://localhost:8142                       # on what is labelled there
    train_from_python.py --url http://localhost:8142 --phantoms 24 --small # a demonstration on synthetic studies
    train_from_python.py --url http://localhost:8142 --run ID              # follows a run that was started before

A lost connection does not end the wait for a run, and the end of this script does not end the run: --run goes on from there.
The model is promoted only when it is not worse than the one in force on the external patients, or with --override REASON.
Research use only.
"""

import argparse
import csv
import io
import json
import sys
import time
from pathlib import Path

import requests

# Minutes instead of hours, for a demonstration: small images, a narrow network, few steps.
SMALL = {"folds": 3, "network": {"input_size": 64, "width": 16}, "training": {"steps": 200, "batch": 8}}


KINDS = ("cross-validate", "ablate")   # what makes a model that can be promoted

# Of each synthetic study: small, as the demonstration's network.
PHANTOM = {"rows": 128, "columns": 128, "slices": 12, "pixel_spacing_mm": 1.8, "slice_spacing_mm": 10}


class Refusal(SystemExit):
    """An answer that is an error; ends the script with it unless somebody catches it."""

    def __init__(self, text, status):
        super().__init__(text)
        self.status = status


class Pacs:
    """The plugin's REST routes below /h3k27m/ of one Orthanc."""

    def __init__(self, url, user=None):
        self.url = url.rstrip("/") + "/h3k27m/"
        self.auth = tuple(user.split(":", 1)) if user else None

    def call(self, method, path, **arguments):
        # A connection for each call: Orthanc closes idle ones without a word.
        answer = requests.request(method, self.url + path, timeout=600, auth=self.auth, **arguments)
        if not answer.ok:
            try:
                reason = answer.json().get("Details") or answer.json().get("Message")
            except ValueError:
                reason = answer.text
            raise Refusal(f"{method} {path}: {answer.status_code} {reason}", answer.status_code)
        return answer

    def get(self, path, **query):
        return self.call("GET", path, params=query).json()

    def post(self, path, body):
        return self.call("POST", path, json=body).json()

    def labels(self):
        """All labels as dictionaries, page by page."""
        rows, after = [], ""
        while True:
            text = self.call("GET", "labels", params={"after": after} if after else {}).text
            page = list(csv.DictReader(io.StringIO(text)))
            if not page:
                return rows
            rows += page
            after = page[-1]["study"]

    def set_labels(self, rows):
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        report = self.call("POST", "labels", data=text.getvalue().encode(), headers={"Content-Type": "text/csv"}).json()
        for line in report["lines"]:
            if line["result"] == "refused":
                raise SystemExit(f"label of {line['study']} refused: {line['reason']}")
        return report


def fill_with_phantoms(pacs, count, seed):
    """Synthetic studies, labelled and masked; every third is kept apart as external. Others' labels stay as they are."""
    made = set()
    for first in range(0, count, 10):
        answer = pacs.post("phantoms", {"count": min(10, count - first), "seed": seed + first, **PHANTOM})
        made.update(phantom["study"] for phantom in answer["studies"])
        print(f"\rsynthetic studies: {min(first + 10, count)} of {count}", end="", file=sys.stderr)
    print(file=sys.stderr)
    deadline = time.monotonic() + 120
    while len(rows := [row for row in pacs.labels() if row["study"] in made]) < len(made):
        if time.monotonic() > deadline:
            raise SystemExit(f"only {len(rows)} of {len(made)} labels arrived")
        time.sleep(1)   # a label shows once its study is stable
    # By genotype, so that both are on both sides.
    for genotype in ("altered", "wild-type"):
        for index, row in enumerate(row for row in rows if row["genotype"] == genotype):
            row["split"] = "external" if index % 3 == 2 else "development"
    pacs.set_labels(rows)


def is_in_force(pacs, model):
    """An earlier call of this script may have come so far."""
    return any(entry["active"] and entry["name"] == model for entry in pacs.get("models")["models"])


def look_at(pacs, run, pause=10):
    """How far a run is. Orthanc may be started anew meanwhile, or the network be away: the run goes on."""
    while True:
        try:
            return pacs.get(f"runs/{run}")
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            reason = "no connection"
        except Refusal as refusal:
            if refusal.status not in (502, 503, 504):
                raise
            reason = str(refusal)
        print(f"\r{reason}; trying again (or later: --run {run})", end="", file=sys.stderr)
        time.sleep(pause)


def wait_for(pacs, run):
    """Shows a progress bar until the run is over; returns it."""
    while True:
        state = look_at(pacs, run)
        progress = state["progress"] or {}
        done = progress.get("fraction", 0) if state["state"] != "done" else 1
        left = progress.get("seconds_left")
        bar = "#" * int(40 * done)
        note = f"{progress.get('unit', '')} {f'{left:.0f} s left' if left is not None else ''}"
        print(f"\r[{bar:<40}] {100 * done:3.0f} % {state['state']} {note:<40}", end="", file=sys.stderr)
        if state["state"] in ("done", "failed", "cancelled"):
            print(file=sys.stderr)
            return state
        time.sleep(1)


def download_report(pacs, run, folder):
    for artifact in pacs.get(f"runs/{run}/artifacts")["artifacts"]:
        if artifact["path"].startswith("report/"):
            target = folder / artifact["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(pacs.call("GET", f"runs/{run}/artifacts/{artifact['path']}").content)
    return folder / "report" / "index.html"


def find_case(pacs, study):
    """The case of a study; nothing until the study was noticed."""
    try:
        return pacs.get(f"cases/{study}")
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        return None


def read_by_new_model(pacs, model, seed, limit=300):
    """Stores one more synthetic study and waits until this model has read it; returns the prediction."""
    deadline = time.monotonic() + limit
    while (engine := pacs.get("status")["engine"])["state"] != "ready" or (engine["model"] or {}).get("name") != model:
        if time.monotonic() > deadline:
            raise SystemExit(f"the engine has not loaded {model} in time")
        time.sleep(1)
    study = pacs.post("phantoms", {"seed": seed, **PHANTOM})["studies"][0]["study"]
    asked = False
    while time.monotonic() < deadline:
        case = find_case(pacs, study) or {"state": "unknown"}
        if case["state"] in ("refused", "dead", "cancelled"):
            raise SystemExit(f"study {study} is {case['state']}: {case['reason']}")
        if case["state"] == "done" and case["result"]["model"]["name"] == model:
            return case["result"]["prediction"]
        if case["state"] == "done" and not asked:
            # Of an earlier demonstration: the same seed makes the same study, which another model has read.
            pacs.post(f"cases/{study}/triage", {"force": True})
            asked = True
        time.sleep(1)
    raise SystemExit(f"study {study} was not read by {model} in time")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="of Orthanc, such as http://localhost:8142")
    parser.add_argument("--user", help="NAME:PASSWORD, where Orthanc asks for it")
    beginning = parser.add_mutually_exclusive_group()
    beginning.add_argument("--phantoms", type=int, default=0, help="first fill the PACS with so many synthetic studies")
    beginning.add_argument("--run", help="follow the run of this identifier instead of starting one")
    parser.add_argument("--seed", type=int, default=5000001, help="of the first synthetic study")
    parser.add_argument("--kind", default="cross-validate", choices=KINDS)
    parser.add_argument("--config", type=Path, help="JSON file with keys of the run")
    parser.add_argument("--small", action="store_true", help="small images and few steps: minutes, and little learned")
    parser.add_argument("--output", type=Path, default=Path("h3k27m-report"), help="where the report goes")
    parser.add_argument("--override", help="promote although the gate is not passed, for this reason")
    arguments = parser.parse_args()

    pacs = Pacs(arguments.url, arguments.user)
    if arguments.phantoms:
        fill_with_phantoms(pacs, arguments.phantoms, arguments.seed)
    run = arguments.run
    if not run:
        config = json.loads(arguments.config.read_text()) if arguments.config else SMALL if arguments.small else {}
        run = pacs.post("runs", {"kind": arguments.kind, "config": config})["id"]
    print(f"run {run}", flush=True)   # first of all: by it one can go on
    kind = look_at(pacs, run)["kind"]
    if kind not in KINDS:
        raise SystemExit(f"run {run} is a {kind}: it makes no model to promote")
    state = wait_for(pacs, run)
    if state["state"] != "done":
        raise SystemExit(f"the run is {state['state']}: {state['reason']}")
    print(f"report: {download_report(pacs, run, arguments.output)}")

    model = run if kind == "cross-validate" else f"{run}-model-6"
    gate = (state["result"] or {}).get("gate") or {"passed": False, "reason": "not compared"}
    print(f"gate: {'passed' if gate['passed'] else 'not passed'}: {gate['reason']}")
    if not gate["passed"] and not arguments.override:
        raise SystemExit(f"{model} was not promoted")
    if is_in_force(pacs, model):
        print(f"in force already: {model}")
    else:
        change = pacs.post(f"models/{model}/promote",
                           {"override": not gate["passed"], "reason": arguments.override or ""})
        print(f"in force: {change['current']}, instead of {change['previous']}")
    if arguments.phantoms:
        prediction = read_by_new_model(pacs, model, arguments.seed + arguments.phantoms)
        print(f"the next study was read by it: {json.dumps(prediction)}")


if __name__ == "__main__":
    main()
