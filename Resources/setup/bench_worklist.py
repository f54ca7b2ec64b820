#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the worklist answers when very many studies have been computed; for bench.sh --worklist N.

The work store (SQLite) is filled with N tasks by SQL, as triage leaves them, and Orthanc is started on it; then each order and
filter of GET /h3k27m/cases, and the status, is asked for. A hundredth of the tasks waits; as many of those that are done have a
label and a review.
"""

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "UnitTests" / "Integration"))
from test_pacs import TestPacs  # noqa: E402
from bench_record import figure, write_record  # noqa: E402

AIM_MS = 20
RESULT = json.dumps({"model": {"name": "m", "version": "1"}, "prediction": {}, "report_instance_uid": "2.25.1", "note": "y" * 800})
STATES = ["done"] * 90 + ["refused"] * 7 + ["failed", "dead", "queued"]
COLUMNS = ("study_id", "study_uid", "fingerprint", "state", "priority", "result", "probability_altered", "volume_mm3",
           "not_before", "created_at", "queued_at", "updated_at")
QUERIES = [*(f"order={order}&descending={descending}" for order in ("created", "updated", "priority", "probability", "volume", "state")
             for descending in ("true", "false")),
           "state=done&order=updated&descending=true", "state=done&order=probability&descending=true",
           "state=dead&order=updated&descending=true", "state=dead&order=probability&descending=true",
           *(f"{wanted}&order={order}&descending=true" for wanted in ("label=none", "label=any", "label=altered", "needs-person=true")
             for order in ("updated", "probability"))]
LABEL = {"genotype": "altered", "assay": "", "gene": "", "site": "", "pre_operative": 0, "split": "", "reason": "", "annotator": "",
         "reviser": "", "source": "", "synthetic": 1}
REVIEW = {"decision": "accepted", "status": "", "reason": "", "reviewer": "", "organisation": "", "report_uid": "2.25.1",
          "synthetic": 1}


def make_rows(count):
    draw = random.Random(1)
    now = int(time.time() * 1000)
    for i in range(count):
        state = draw.choice(STATES)
        is_done = state == "done"
        # What waits does so for an hour: nothing is computed meanwhile.
        yield (f"{draw.getrandbits(160):040x}", f"1.2.826.0.{i}", "fingerprint", state, draw.choice([0, 1, 1, 1, 2]),
               RESULT if is_done else "", draw.random() if is_done else None, draw.random() * 1e5 if is_done else None,
               now + 3600_000 if state in ("queued", "failed") else 0, now - 1000 * i, now - 1000 * i,
               now - draw.randrange(1000 * count))


def add_reports(connection, table, fields):
    columns = ", ".join(["study_id", "study_uid", "series_id", "instance_id", "sop_uid", "recorded_at", *fields])
    values = ", ".join("?" * len(fields))
    connection.execute(f"INSERT INTO {table} ({columns}) SELECT study_id, study_uid, 'series ' || id, 'instance ' || id, "
                       f"'2.25.' || id, 1, {values} FROM h3k27m_tasks WHERE state = 'done' AND id % 100 = 0",
                       list(fields.values()))


def fill(database, count):
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(f"INSERT INTO h3k27m_tasks ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",
                               make_rows(count))
        add_reports(connection, "h3k27m_labels", LABEL)
        add_reports(connection, "h3k27m_reviews", REVIEW)
    connection.close()


def median_ms(call, repeats):
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--studies", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--folder", help="where the store lies; at 1.5 kB a study")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="h3k27m-worklist-", dir=arguments.folder) as work, \
            TestPacs(work, arguments.build.resolve(), h3k27m={"Triage": "off"}) as pacs:
        pacs.stop()
        database = next(Path(work).rglob("h3k27m-work.db"))
        print(f"Filling {database.name} with {arguments.studies} tasks ...", file=sys.stderr)
        fill(database, arguments.studies)
        begin = time.perf_counter()
        pacs.start()
        figures = {"start of Orthanc with its engine, s": figure(time.perf_counter() - begin)}
        get = pacs.client.get
        assert get("/h3k27m/cases?limit=1")["total"] == arguments.studies
        for query in QUERIES:
            figures[f"{query}, ms"] = figure(
                median_ms(lambda query=query: get(f"/h3k27m/cases?limit=50&{query}"), arguments.repeat), AIM_MS)
        figures["status, ms"] = figure(median_ms(lambda: get("/h3k27m/status"), arguments.repeat))
        begin = time.perf_counter()
        study = pacs.make_phantom(seed=1)["study"]
        pacs.client.post(f"/h3k27m/cases/{study}/triage", {"priority": "urgent"})
        pacs.wait_for_case(study, "done")
        figures["a new study, from its making to its result, s"] = figure(time.perf_counter() - begin)
        device = pacs.engine()["device"]
    write_record(figures, device, studies=arguments.studies)


if __name__ == "__main__":
    main()
