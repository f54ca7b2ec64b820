#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends one study (a folder of DICOM files, or a synthetic one) to a running Orthanc, waits for the result, prints it.

With --json the last line of standard output is one JSON object. Exit code: 0 a result stands in the study, 3 the study
was looked at and refused with a reason, 1 anything else.
"""

import argparse
import json
import sys
from pathlib import Path

from orthanc_client import OrthancClient, OrthancError

# A 24-slice study on two cores takes seconds; a first one waits for the engine's start as well.
ENGINE_LIMIT_SECONDS = 300
CASE_LIMIT_SECONDS = 1800
STAGES = [("route", "read headers, choose the series"), ("send_and_wait", "decode, send, wait for the engine"),
          ("preprocess", "  of which preprocessing"), ("network", "  of which network"),
          ("postprocess", "  of which mask and score"), ("write", "write SEG and SR"), ("store", "store them"),
          ("total", "total")]


def send_folder(client, folder):
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    studies = {}
    for path in files:
        study = client.send_file(path)
        if study:
            studies[study] = studies.get(study, 0) + 1
    if not studies:
        raise OrthancError(f"{folder} holds no DICOM file ({len(files)} files were tried)")
    sent = sum(studies.values())
    print(f"Sent {sent} instances of {len(studies)} study(ies); {len(files) - sent} files were no DICOM files.")
    return list(studies)


def send_phantom(client):
    made = client.post("/h3k27m/phantoms", {"count": 1, "seed": 20230127, "status": "altered"})["studies"][0]
    print(f"Made a synthetic study: planted status {made['status']}, planted volume "
          f"{made['tumour_volume_mm3'] / 1000:.1f} ml, seed {made['seed']}.")
    return [made["study"]]


def summarise(client, case):
    """The object of the last line: null where there is nothing."""
    result = case["result"] or {}
    return {
        "study": case["study"],
        "study_instance_uid": case["study_instance_uid"],
        "state": case["state"],
        "reason": case["reason"],
        "series": result.get("series"),
        "segmentation": result.get("segmentation"),
        "report": result.get("report"),
        "saliency": result.get("saliency"),
        "prediction": result.get("prediction"),
        "volume_mm3": result.get("volume_mm3"),
        "slices": result.get("slices"),
        "missing_slices": result.get("missing_slices"),
        "warnings": result.get("warnings", []),
        "model": result.get("model"),
        "timings": result.get("timings_ms"),
        "routing": case["routing"],
        "link": link_of(client, case["study"]),
        "viewer": viewer_of(client, case),
        "research_use_only": True,
    }


def link_of(client, study):
    """The dashboard where it is installed, Orthanc's own page of the study otherwise."""
    try:
        client.get("/h3k27m/app/index.html")
        return f"{client.url}/h3k27m/app/#/case/{study}"
    except OrthancError:
        return f"{client.url}/app/explorer.html#study?uuid={study}"


def viewer_of(client, case):
    """The study in the web viewer that the configuration names (run.sh --ohif), its SEG in front; None without one."""
    template = client.get("/h3k27m/status")["viewer"]
    result = case["result"] or {}
    if not template:
        return None
    series = result.get("series_instance_uid") or ""
    if result.get("segmentation"):
        series = client.get(f"/instances/{result['segmentation']}/series")["MainDicomTags"]["SeriesInstanceUID"]
    address = template.replace("{StudyInstanceUID}", case["study_instance_uid"]).replace("{SeriesInstanceUID}", series)
    return client.url + address if address.startswith("/") else address


def print_case(summary):
    print(f"\nStudy {summary['study']}: {summary['state']}" + (f" ({summary['reason']})" if summary["reason"] else ""))
    prediction = summary["prediction"]
    if prediction:
        probability = prediction["probability_altered"]
        print(f"  H3K27M        {prediction['status']}"
              + (f", probability of altered {probability:.3f}" if probability is not None else "")
              + (f" ({prediction['reason']})" if prediction.get("reason") else ""))
        print(f"  Tumour        {summary['volume_mm3'] / 1000:.2f} ml in {summary['slices']} slices of the series")
        print(f"  Model         {summary['model']['name']} {summary['model']['version']}, trained on: "
              f"{summary['model']['trained_on']}")
        print(f"  SEG           {summary['segmentation'] or 'none: no tumour found'}")
        print(f"  SR            {summary['report']}")
        print(f"  Saliency      {summary['saliency'] or 'none'}")
        for warning in summary["warnings"]:
            print(f"  Note          {warning}")
        for key, name in STAGES:
            if key in (summary["timings"] or {}):
                print(f"  {summary['timings'][key]:9.1f} ms  {name}")
    for verdict in summary["routing"]:
        word = "taken" if verdict["accepted"] else "refused: " + "; ".join(verdict["reasons"])
        print(f"  Series {verdict['series']}  {word}")
    print(f"  Link          {summary['link']}")
    if summary["viewer"]:
        print(f"  OHIF          {summary['viewer']}")
    print("  Research use only: not a medical device, not for diagnosis or treatment.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--study", help="folder of DICOM files; a synthetic study when none is named")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on one line")
    arguments = parser.parse_args()
    client = OrthancClient(arguments.url)

    try:
        engine = client.wait_for_engine(ENGINE_LIMIT_SECONDS)
        print(f"The engine computes on {engine['device']} ({engine['precision']}, {engine['threads']} threads).")
        studies = send_folder(client, arguments.study) if arguments.study else send_phantom(client)
        print("Waiting for the result ...", flush=True)
        summaries = [summarise(client, client.wait_for_case(study, CASE_LIMIT_SECONDS)) for study in studies]
    except OrthancError as fault:
        print(f"error: {fault}", file=sys.stderr)
        if arguments.json:
            print(json.dumps({"study": None, "state": "error", "reason": str(fault)}))
        return 1

    for summary in summaries:
        print_case(summary)
    # One object: the study with a result goes first, the others are named in it.
    summaries.sort(key=lambda summary: summary["state"] != "done")
    if arguments.json:
        print(json.dumps({**summaries[0], "other_studies": [s["study"] for s in summaries[1:]]}), flush=True)
    if any(summary["state"] == "done" for summary in summaries):
        return 0
    print(f"error: no result: {summaries[0]['reason']}", file=sys.stderr)
    return 3 if summaries[0]["state"] == "refused" else 1


if __name__ == "__main__":
    sys.exit(main())
