#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the cost of a study grows with its slices and with its matrix, and what several at once bring; for bench.sh --scale.

Synthetic studies are made with triage off; then each is queued over REST. The growth from one size to a larger one is told as
an exponent: 1 is linear, 2 would be the square.
"""

import argparse
import copy
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pydicom.uid import generate_uid

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "UnitTests" / "Integration"))
from test_pacs import TestPacs  # noqa: E402
from bench import MODEL, queue, seconds_between  # noqa: E402
from bench_record import HIGHER, figure, write_record  # noqa: E402

SLICES = (1, 8, 24, 60, 125, 250, 500)
MATRICES = (128, 256, 512, 1024)
AT_ONCE = (1, 2, 4)
MOST_SLICES = 250         # that the generator is asked for; a larger stack is one of these with each slice twice
STACK_MM, FIELD_MM = 125, 230
LINEAR = 1.1              # the largest exponent that is called linear
SHAPE = {"rows": 256, "columns": 256, "slices": 24, "pixel_spacing_mm": 0.9, "slice_spacing_mm": 5.5}


def make_stack(pacs, seed, slices, side):
    """A study of so many slices over the same head."""
    made = min(slices, MOST_SLICES)
    spacing = min(12, STACK_MM / made)
    study = pacs.make_phantom(seed=seed, slices=made, rows=side, columns=side, pixel_spacing_mm=FIELD_MM / side,
                              slice_spacing_mm=spacing)["study"]
    return study if made == slices else double(pacs, study, spacing)


def double(pacs, study, spacing_mm):
    """The images of a study and, between each and the next, the same once more, as a study of their own."""
    study_uid, series_uid, frame_uid = generate_uid(), generate_uid(), generate_uid()
    doubled = []
    for ds in pacs.images(study):
        for shift in (0, spacing_mm / 2):
            one = copy.deepcopy(ds)
            one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study_uid, series_uid, frame_uid
            one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            one.InstanceNumber = 2 * int(ds.InstanceNumber) - (shift == 0)
            one.SliceThickness = one.SpacingBetweenSlices = f"{spacing_mm / 2:.4f}"
            x, y, z = map(float, ds.ImagePositionPatient)
            one.ImagePositionPatient = [f"{x:.4f}", f"{y:.4f}", f"{z + shift:.4f}"]
            doubled.append(one)
    return pacs.send_all(doubled)


def measure(pacs, study, repeats):
    """Medians in ms: from the claim of a stable study to its stored results, and what of it is not network."""
    whole, rest = [], []
    for _ in range(repeats):
        pacs.client.post(f"/h3k27m/cases/{study}/triage", {"priority": "routine", "force": True})
        case = pacs.wait_for_case(study, "done", limit_seconds=600)
        whole.append(1000 * seconds_between(case, "started", "finished"))
        rest.append(whole[-1] - case["result"]["timings_ms"]["network"])
    return statistics.median(whole), statistics.median(rest)


def exponent(small, large):
    """Of (size, cost)."""
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])


def measure_sizes(pacs, repeats, figures):
    by_slices, by_pixels = {}, {}
    for slices in SLICES:
        by_slices[slices], _ = measure(pacs, make_stack(pacs, 1, slices, 256), repeats)
        figures[f"a study of {slices} slices of 256 x 256, ms"] = figure(by_slices[slices])
    for side in MATRICES:
        whole, by_pixels[side] = measure(pacs, make_stack(pacs, 2, 24, side), repeats)
        figures[f"a study of 24 slices of {side} x {side}, ms"] = figure(whole)
        figures[f"of that not network, {side} x {side}, ms"] = figure(by_pixels[side])
    figures["growth with slices, 24 to 500, exponent"] = figure(
        exponent((24, by_slices[24]), (500, by_slices[500])), LINEAR, compared=False)
    figures["growth of what is not network with pixels, 256 to 1,024, exponent"] = figure(
        exponent((256 ** 2, by_pixels[256]), (1024 ** 2, by_pixels[1024])), LINEAR, compared=False)


def studies_per_hour(pacs, studies):
    before = pacs.client.get("/h3k27m/status")["queue"]["done"]
    begin = time.monotonic()
    for study in studies:
        queue(pacs, study)
    pacs.wait_until(lambda: pacs.client.get("/h3k27m/status")["queue"]["done"] - before >= len(studies), 1800, "all studies")
    return 3600 * len(studies) / (time.monotonic() - begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--studies", type=int, default=24, help="for what several at once bring")
    arguments = parser.parse_args()
    figures = {}
    section = {"Triage": "off", "Model": str(arguments.model.resolve()), "Saliency": "none"}
    with tempfile.TemporaryDirectory(prefix="h3k27m-scale-") as folder, \
            TestPacs(folder, arguments.build.resolve(), h3k27m=section) as pacs:
        device = pacs.engine()["device"]
        measure_sizes(pacs, arguments.repeat, figures)
    for workers in AT_ONCE:
        with tempfile.TemporaryDirectory(prefix="h3k27m-scale-") as folder, \
                TestPacs(folder, arguments.build.resolve(), h3k27m={**section, "ConcurrentStudies": workers}) as pacs:
            studies = [one["study"] for one in pacs.make_phantoms(seed=1, count=arguments.studies, **SHAPE)]
            figures[f"studies per hour, {workers} at once"] = figure(studies_per_hour(pacs, studies), better=HIGHER)
    write_record(figures, device)


if __name__ == "__main__":
    main()
