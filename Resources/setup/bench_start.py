#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon a start is followed by a result, and how long a build takes; for bench.sh --start and --builds.

--start: an Orthanc with the plugin is started, several times, and gets a study as soon as it answers, which it takes for
stable a second after its last image.
--builds: in a folder of its own, without the compilers' cache: the products, then each of some files touched and built again.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "UnitTests" / "Integration"))
from test_pacs import TestPacs  # noqa: E402
from bench import MODEL  # noqa: E402
from bench_record import figure, write_record  # noqa: E402
from load_traffic import StudyTemplate  # noqa: E402

SHAPE = {"rows": 256, "columns": 256, "slices": 24, "pixel_spacing_mm": 0.9, "slice_spacing_mm": 5.5}
READY_AIM_S, RESULT_AIM_S = 2, 10
PRODUCTS = ("OrthancH3K27M", "h3k27m")
PRODUCTS_AIM_S, FILE_AIM_S = 300, 15
# One of the plugin's middle, one near REST, one that most of what writes DICOM sees.
TOUCHED = ("Plugin/Pipeline/StudyTriage.cpp", "Plugin/Rest/CaseRoutes.cpp", "Plugin/Results/SegWriter.cpp")


def measure_start(pacs, files):
    """Seconds: (from the start of the process to Orthanc's first answer, from there to a ready engine, from the start to the
    first result)."""
    begin = time.monotonic()
    pacs.start(wait_for_engine=False)
    answered = time.monotonic()
    study = pacs.send_all(files)
    pacs.wait_until(lambda: pacs.engine()["state"] == "ready", 120, "the engine")
    ready = time.monotonic()
    pacs.wait_for_case(study, "done")
    return answered - begin, ready - answered, time.monotonic() - begin


def measure_starts(arguments):
    with tempfile.TemporaryDirectory(prefix="h3k27m-start-") as folder:
        pacs = TestPacs(folder, arguments.build.resolve(), h3k27m={"Model": str(arguments.model.resolve())})
        with pacs:
            template = StudyTemplate(pacs.images(pacs.make_phantom(seed=1, **SHAPE)["study"]))
            device = pacs.engine()["device"]
        seen = []
        for number in range(1, arguments.repeat + 1):
            try:
                seen.append(measure_start(pacs, template.make(number)))
            finally:
                pacs.stop()
    answered, ready, done = (statistics.median(column) for column in zip(*seen))
    return {"from the start of the process to Orthanc's first answer, s": figure(answered),
            "from Orthanc's first answer to a ready engine, s": figure(ready, READY_AIM_S),
            "from the start of the process to the first result, s": figure(done, RESULT_AIM_S)}, device


def build(folder, jobs, *targets):
    begin = time.monotonic()
    subprocess.run(["cmake", "--build", folder, "--parallel", str(jobs), "--target", *targets], check=True, cwd=REPOSITORY,
                   stdout=sys.stderr)
    return time.monotonic() - begin


def measure_builds(arguments):
    figures = {}
    os.environ["CCACHE_DISABLE"] = "1"
    with tempfile.TemporaryDirectory(prefix="h3k27m-build-") as folder:
        begin = time.monotonic()
        subprocess.run(["cmake", "--preset", "release", "-B", folder], check=True, cwd=REPOSITORY, stdout=sys.stderr)
        configured = time.monotonic() - begin
        figures["clean build of the products, configuration included, s"] = figure(
            configured + build(folder, arguments.jobs, *PRODUCTS), PRODUCTS_AIM_S)
        for name in TOUCHED:
            (REPOSITORY / name).touch()
            figures[f"{name} touched, plugin built again, s"] = figure(build(folder, arguments.jobs, PRODUCTS[0]), FILE_AIM_S)
    return figures, "cpu"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--builds", action="store_true", help="how long builds take, instead")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    figures, device = measure_builds(arguments) if arguments.builds else measure_starts(arguments)
    write_record(figures, device)


if __name__ == "__main__":
    main()
