# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends synthetic studies to a running image, or looks for what a study must have in the end: SEG and SR.

H3K27M_CREDENTIALS: "user:password". The image must take phantoms (AllowPhantoms, PhantomsRoute) and store results
(Triage on). The last line that --send prints are the IDs of the studies."""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "Resources" / "setup"))

from orthanc_client import OrthancClient, OrthancError  # noqa: E402

LIMIT_SECONDS = 300


def send(client, count):
    engine = client.wait_for_engine(LIMIT_SECONDS)
    print(f"Orthanc {client.get('/system')['Version']}; the engine computes on {engine['device']}.")
    try:
        OrthancClient(client.url).get("/system")
        raise OrthancError("Orthanc answers a request that names no user")
    except OrthancError as refusal:
        if " answered 401" not in str(refusal):
            raise
    made = client.post("/h3k27m/phantoms", {"count": count, "seed": 20230127, "status": "altered"})["studies"]
    print(*(phantom["study"] for phantom in made))


def expect(client, study):
    case = client.wait_for_case(study, LIMIT_SECONDS)
    if case["state"] != "done":
        raise OrthancError(f"the study is {case['state']}: {case['reason']}")
    result = case["result"]
    stored = {instance: client.get(f"/instances/{instance}/series") for instance in
              (result["segmentation"], result["report"], result["saliency"])}
    modalities = [series["MainDicomTags"]["Modality"] for series in stored.values()]
    if modalities != ["SEG", "SR", "OT"] or {series["ParentStudy"] for series in stored.values()} != {study}:
        raise OrthancError(f"SEG, SR and SC of the result should be in the study: {modalities}")
    # A phantom brings the mask and the label that it was made with; a second result would bring a second SC.
    present = [series["MainDicomTags"]["Modality"] for series in client.get(f"/studies/{study}/series")]
    if present.count("OT") != 1:
        raise OrthancError(f"the study should have one result: {present}")
    print(f"A synthetic study: {result['prediction']['status']}, {result['volume_mm3'] / 1000:.1f} ml, "
          f"{result['timings_ms']['total']:.0f} ms; SEG, SR and SC are in the study.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--send", type=int, metavar="COUNT")
    what.add_argument("--expect", nargs="+", metavar="STUDY")
    arguments = parser.parse_args()
    try:
        client = OrthancClient(arguments.url, os.environ.get("H3K27M_CREDENTIALS"))
        if arguments.send:
            send(client, arguments.send)
        for study in arguments.expect or ():
            expect(client, study)
    except OrthancError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
