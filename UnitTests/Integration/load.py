#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many studies at once, and for long: what the plugin costs the PACS, and that nothing is lost or grows.

Load: the same synthetic studies go over C-STORE, as fast as Orthanc takes them, to a fresh Orthanc with the plugin and to one
without it, in turns. A study is taken up a second after its last image, so that triage works while the others arrive: a
hospital's StableAge of a minute is kinder. REST is asked in both, five times a second; without the plugin, Orthanc's own list
of studies stands in for the list of cases. When all are done, some more come while the engine stands still, and the last of
them are asked for as urgent: the backlog that this needs is there however fast the machine is.

Soak: small studies in ten parts. After each part, once all of it is done, the part before is deleted, and memory,
descriptors, threads and temporary files of both processes are compared with those after the first.

Resources/load.sh builds what this needs and runs it. The last line is JSON. Exit code 0: each aim is reached; 1: not."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import load_judge
from load_traffic import LoadPacs, StudyTemplate, make_phantom_template, send_by_c_store, write_studies
from load_watch import LatencyProbe, MemoryWatch, processes_of, read_status, take_stock
from series_builder import make_series

FINAL = ("done", "refused", "dead", "cancelled")
WORKERS = 2   # ConcurrentStudies, as it is by default
PAGE = "/h3k27m/cases?limit=50"
ORTHANC_PAGE = "/studies?since=0&limit=50&expand"
SOAK_SLICES, SOAK_SIDE = 4, 64


def make_tiny_model(build, folder):
    """A network of a few channels on 32 x 32, of one step of training: its answers are worth nothing, it takes little time."""
    subprocess.run([str(build / "h3k27m"), "train", "--output", str(folder), "--input-size", "32", "--width", "8",
                    "--phantoms", "6", "--steps", "1", "--batch", "2", "--threads", "1"], check=True, capture_output=True)
    return folder


def wait_until_handled(pacs, count, limit_seconds):
    """Until so many studies are at their end and nothing waits."""
    def look():
        queue = pacs.client.get("/h3k27m/status")["queue"]
        return sum(queue[state] for state in FINAL) >= count and not any(queue[state] for state in queue if state not in FINAL)
    pacs.client.wait_until(look, limit_seconds, f"the end of {count} studies", interval_seconds=0.5)


def list_cases(pacs):
    """{study: line of the worklist} of all cases."""
    found = {}
    while True:
        page = pacs.client.get(f"/h3k27m/cases?limit=1000&offset={len(found)}&order=created")
        found.update((case["study"], case) for case in page["cases"])
        if not page["cases"] or len(found) >= page["total"]:
            return found


def ask_for_urgent(pacs, shares, total, count, workers, limit_seconds):
    """Sends `total` studies while the engine stands still, waits until each of the `workers` has one, asks for the last `count` in the queue, and lets it go on. What is
    judged later: who, when, and how many were waiting before them."""
    engine = pacs.engine()["pid"]
    os.kill(engine, signal.SIGSTOP)
    try:
        send_by_c_store(pacs, shares, limit_seconds)

        def look():
            queue = pacs.client.get("/h3k27m/status")["queue"]
            return queue["queued"] + queue["running"] == total and queue["running"] == workers
        pacs.wait_until(look, limit_seconds, "all studies in the queue")
        waiting = [task["study"] for task in pacs.client.get("/h3k27m/queue?state=queued&limit=1000")["tasks"]]
        urgent = waiting[-count:]
        for study in urgent:
            pacs.client.post(f"/h3k27m/cases/{study}/triage", {"priority": "urgent"})
        return {"studies": urgent, "asked": time.time(), "before_them": len(waiting) - len(urgent)}
    finally:
        os.kill(engine, signal.SIGCONT)


def count_results(pacs, studies):
    """Of each study's objects in the archive: {study: {"SEG": n, "SR": n, "expected_seg": n, "state": word}}."""
    found = {}
    for study in studies:
        case = pacs.client.get_case(study)
        results = pacs.results(study) if case else {"SEG": [], "SR": []}
        result = case and case["result"]
        found[study] = {"SEG": len(results["SEG"]), "SR": len(results["SR"]), "state": case["state"] if case else "missing",
                        "expected_seg": 1 if result and result["segmentation"] else 0}
    return found


def send_measured(pacs, shares, instances, limit_seconds):
    processes = processes_of(pacs)
    before = {name: read_status(pid)["cpu_seconds"] for name, pid in processes.items()}
    seconds = send_by_c_store(pacs, shares, limit_seconds)
    cpu = {name: read_status(pid)["cpu_seconds"] - before[name] for name, pid in processes.items()}
    return {"seconds": seconds, "instances_per_second": instances / seconds, "cpu_seconds": cpu}


def run_round(folder, arguments, model, shares, late, plugin):
    """One fresh Orthanc, all studies, until everything is done."""
    with LoadPacs(folder, arguments.build, plugin, h3k27m={"Triage": "on", "Model": str(model),
                                                           "EnginePriority": arguments.engine_priority},
                  orthanc={"StableAge": arguments.stable_age}) as pacs:
        probe = LatencyProbe(pacs, ("/system", PAGE if plugin else ORTHANC_PAGE))
        memory = MemoryWatch(processes_of(pacs))
        probe.start()
        memory.start()
        begin = time.monotonic()
        result = {"plugin": plugin, "sending": send_measured(pacs, shares, arguments.studies * arguments.slices,
                                                             arguments.limit_seconds)}
        result["samples_while_sending"] = {path: len(times) for path, times in probe.milliseconds.items()}
        if plugin:
            wait_until_handled(pacs, arguments.studies, arguments.limit_seconds)
            result["handled_seconds"] = time.monotonic() - begin
        result["milliseconds"], result["failures"] = probe.result(), probe.failures
        result["memory_by_quarter"] = memory.result()
        if plugin:
            result["urgent"] = ask_for_urgent(pacs, late, arguments.late, arguments.late // 4, WORKERS, arguments.limit_seconds)
            wait_until_handled(pacs, arguments.studies + arguments.late, arguments.limit_seconds)
            pacs.settle()
            studies = pacs.client.get("/studies")
            result["results"] = count_results(pacs, studies)
            result["cases"] = list_cases(pacs)
    shutil.rmtree(folder)
    return result


def run_load(folder, arguments):
    model = arguments.model or make_tiny_model(arguments.build, folder / "model")
    template = make_phantom_template(folder / "source", arguments.build, model, arguments.slices, arguments.side)
    shares = write_studies(folder / "studies", template, range(1, arguments.studies + 1), arguments.associations)
    arguments.late = max(8, min(40, arguments.studies // 5))
    late = write_studies(folder / "late", template, range(arguments.studies + 1, arguments.studies + arguments.late + 1),
                         arguments.associations)
    rounds = []
    for number in range(arguments.rounds):
        pair = {}
        for plugin in ((True, False), (False, True))[number % 2]:
            pair[plugin] = run_round(folder / "pacs", arguments, model, shares, late, plugin)
            print(f"round {number + 1}, {'with' if plugin else 'without'} the plugin: "
                  f"{pair[plugin]['sending']['instances_per_second']:.0f} instances/s", file=sys.stderr)
        rounds.append({"with": pair[True], "without": pair[False]})
    return load_judge.judge_load(rounds, arguments)


def run_soak(folder, arguments):
    model = arguments.model or make_tiny_model(arguments.build, folder / "model")
    template = StudyTemplate(make_series(slices=SOAK_SLICES, rows=SOAK_SIDE, columns=SOAK_SIDE))
    size = max(1, arguments.soak // arguments.parts)
    stocks, results, before = [], {}, []
    begin = time.monotonic()
    with LoadPacs(folder / "pacs", arguments.build, h3k27m={"Model": str(model)}) as pacs:
        for part in range(arguments.parts):
            shares = write_studies(folder / "part", template, range(part * size + 1, (part + 1) * size + 1),
                                   arguments.associations)
            send_by_c_store(pacs, shares, arguments.limit_seconds)
            shutil.rmtree(folder / "part")
            wait_until_handled(pacs, size + len(before), arguments.limit_seconds)
            here = [study for study in pacs.client.get("/studies") if study not in before]
            results.update(count_results(pacs, here))
            for study in before:
                pacs.delete_study(study)
            wait_until_handled(pacs, size, arguments.limit_seconds)
            pacs.wait_until(lambda: len(list_cases(pacs)) == len(here), what="cases of deleted studies gone")
            before = here
            stocks.append(take_stock(pacs))
            print(f"part {part + 1} of {arguments.parts}: {json.dumps(stocks[-1])}", file=sys.stderr)
    return load_judge.judge_soak(stocks, results, arguments.parts * size, time.monotonic() - begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder with libOrthancH3K27M.so and h3k27m")
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--slices", type=int, default=24)
    parser.add_argument("--side", type=int, default=128, help="rows and columns of a slice")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of one with the plugin and one without")
    parser.add_argument("--model", type=Path, help="folder of a model; default: a tiny one that is made")
    parser.add_argument("--associations", type=int, default=4, choices=range(1, 17), metavar="1..16")
    parser.add_argument("--stable-age", type=int, default=1, help="Orthanc's StableAge, seconds")
    parser.add_argument("--engine-priority", default="low", choices=("normal", "low", "idle"))
    parser.add_argument("--folder", type=Path, help="where databases and files lie; default: the folder of temporary files")
    parser.add_argument("--limit-seconds", type=int, default=1800, help="of sending, and of handling, in one round or part")
    parser.add_argument("--parts", type=int, default=10, help="of the soak")
    parser.add_argument("--soak", type=int, metavar="N", help="instead: N small studies")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))   # whoever ends this ends its Orthanc too
    with tempfile.TemporaryDirectory(prefix="h3k27m-load-", dir=arguments.folder) as folder:
        verdict = (run_soak if arguments.soak else run_load)(Path(folder), arguments)
    load_judge.show(verdict)
    print(json.dumps(verdict))
    return 0 if all(row["reached"] for row in verdict["rows"]) else 1


if __name__ == "__main__":
    sys.exit(main())
