#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the plugin takes, at its start, for what came while it was away; for bench.sh --sweep.

Small studies are sent to an Orthanc without the plugin, until its change log has grown by so many lines; then the plugin
starts, and what counts is the time from Orthanc's first answer until every study stands in the worklist. Triage computes the
first of them meanwhile, at the engine's usual low priority, on the same cores.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "UnitTests" / "Integration"))
from bench import MODEL  # noqa: E402
from bench_record import figure, write_record  # noqa: E402
from load_traffic import LoadPacs, StudyTemplate, send_by_c_store, write_studies  # noqa: E402
from series_builder import make_series  # noqa: E402

SLICES, SIDE = 24, 32
# A line for each instance; new and stable for the series, the study, and the patient.
CHANGES_PER_STUDY = SLICES + 6
AIM_S = 10
ASSOCIATIONS = 4


def last_change(pacs):
    return pacs.client.get("/changes?last")["Last"]


def fill(pacs, folder, changes):
    """Sends studies until the log has grown by that many lines; returns how many there are."""
    template = StudyTemplate(make_series(slices=SLICES, rows=SIDE, columns=SIDE))
    count = -(-changes // CHANGES_PER_STUDY)
    begin = last_change(pacs)
    send_by_c_store(pacs, write_studies(folder, template, range(1, count + 1), ASSOCIATIONS), 1800)
    shutil.rmtree(folder)
    pacs.wait_until(lambda: last_change(pacs) - begin >= count * CHANGES_PER_STUDY, 300, "stable studies")
    return count, last_change(pacs) - begin


def measure(pacs, count):
    """(seconds until the last study stands in the worklist, longest answer of GET /system meanwhile in ms)"""
    pacs.start(wait_for_engine=False)
    begin = time.monotonic()
    worst_ms = 0
    while True:
        asked = time.perf_counter()
        pacs.client.get("/system")
        worst_ms = max(worst_ms, 1000 * (time.perf_counter() - asked))
        if pacs.engine()["state"] != "absent" and pacs.client.get("/h3k27m/cases?limit=1")["total"] >= count:
            return time.monotonic() - begin, worst_ms
        if time.monotonic() - begin > 600:
            raise RuntimeError(f"not all of {count} studies are in the worklist: " + pacs.log()[-3000:])
        time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the archive lies; /dev/shm: no disk")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    section = {"Triage": "on", "Model": str(MODEL)}
    with tempfile.TemporaryDirectory(prefix="h3k27m-sweep-", dir=arguments.folder) as folder:
        pacs = LoadPacs(Path(folder) / "pacs", arguments.build.resolve(), h3k27m=section)
        with pacs:   # the first start: the plugin begins at the end of the log
            device = pacs.engine()["device"]
        plugins = list(pacs.configuration["Plugins"])
        pacs.configuration["Plugins"] = plugins[1:]
        pacs.has_plugin = False
        with pacs:
            count, changes = fill(pacs, Path(folder) / "studies", arguments.changes)
        pacs.configuration["Plugins"] = plugins
        pacs.has_plugin = True
        try:
            seconds, worst_ms = measure(pacs, count)
        finally:
            pacs.stop()
    figures = {f"{changes} changes of {count} studies, s": figure(seconds, AIM_S),
               "longest answer of GET /system meanwhile, ms": figure(worst_ms)}
    write_record(figures, device, changes=changes, studies=count)


if __name__ == "__main__":
    main()
