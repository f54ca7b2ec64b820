#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurements of bench.sh. Synthetic studies are made first, with triage off, so that making them costs nothing
while it is measured; then each is queued over REST. Times of a study are those that the plugin records itself, from
the claim of a stable study to its stored results."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "UnitTests" / "Integration"))
from test_pacs import TestPacs  # noqa: E402
from bench_record import HIGHER, figure, write_record  # noqa: E402
from dicom_echo import echo  # noqa: E402

MODEL = REPOSITORY / "Resources" / "Models" / "phantom-demonstration"
SINGLE_STUDIES = 5
MEMORY_AT = (10, 50)
TARGETS = {"not_network_share": 0.30, "latency_p99_ms": 50.0, "memory_growth": 0.05}


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


class LatencyProbe(threading.Thread):
    """Asks GET /system and C-ECHO (a new association each time, as a modality does) ten times a second."""

    def __init__(self, pacs):
        super().__init__(daemon=True)
        self.pacs, self.ended = pacs, threading.Event()
        self.rest_ms, self.echo_ms, self.failures = [], [], 0

    def run(self):
        while not self.ended.wait(0.1):
            self.measure(self.rest_ms, lambda: self.pacs.client.get("/system", timeout=10))
            self.measure(self.echo_ms, lambda: echo(self.pacs.dicom_port))

    def measure(self, times, call):
        begin = time.perf_counter()
        try:
            call()
            times.append(1000 * (time.perf_counter() - begin))
        except Exception:   # noqa: BLE001 - a failure of any kind is counted and reported
            self.failures += 1

    def result(self):
        self.ended.set()
        self.join()
        return {"rest_system_p50_ms": percentile(self.rest_ms, 0.5), "rest_system_p99_ms": percentile(self.rest_ms, 0.99),
                "c_echo_p50_ms": percentile(self.echo_ms, 0.5), "c_echo_p99_ms": percentile(self.echo_ms, 0.99),
                "samples": len(self.rest_ms), "failures": self.failures}


def memory(pid):
    """Resident set and its peak, bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines if line.startswith("Vm"))
    return {"rss_bytes": int(values["VmRSS"].split()[0]) << 10, "peak_bytes": int(values["VmHWM"].split()[0]) << 10}


def fit_model(build, input_size, folder):
    """The demonstration model, fitted to another input size by one step of training: its answers are worth nothing
    then, its cost is that of any network of that size."""
    subprocess.run([str(build / "h3k27m"), "train", "--output", str(folder), "--from", str(MODEL), "--input-size",
                    str(input_size), "--phantoms", "6", "--steps", "1", "--batch", "2"], check=True, capture_output=True)
    return folder


def bare_network(build, model):
    """What `h3k27m bench --json` says of the network alone: its last JSON line."""
    output = subprocess.run([str(build / "h3k27m"), "bench", "--json", "--model", str(model)], check=True,
                            capture_output=True, text=True).stdout
    return json.loads([line for line in output.splitlines() if line.startswith("{")][-1])


def queue(pacs, study):
    pacs.client.post(f"/h3k27m/cases/{study}/triage", {"priority": "routine"})


def seconds_between(case, first, last):
    begin, end = (datetime.fromisoformat(case[name].replace("Z", "+00:00")) for name in (first, last))
    return (end - begin).total_seconds()


def measure_single(pacs, studies):
    """One study at a time: the whole, and what of it is not network."""
    rows = []
    for study in studies:
        queue(pacs, study)
        case = pacs.wait_for_case(study, "done")
        timings = case["result"]["timings_ms"]
        whole_ms = 1000 * seconds_between(case, "started", "finished")
        rows.append({"whole_ms": whole_ms, "network_ms": timings["network"], "slices": case["result"]["slices"],
                     "not_network_share": (whole_ms - timings["network"]) / timings["network"], "timings_ms": timings})
    middle = sorted(rows, key=lambda row: row["not_network_share"])[len(rows) // 2]
    return {"stable_to_stored_ms_median": statistics.median(row["whole_ms"] for row in rows),
            "not_network_share": middle["not_network_share"], "slices": middle["slices"], "median_study": middle,
            "studies": rows}


def measure_throughput(pacs, studies):
    """All at once; the memory of both processes when the 10th and the last of them was done."""
    probe = LatencyProbe(pacs)
    orthanc, engine = pacs.process.pid, pacs.engine()["pid"]
    before = pacs.client.get("/h3k27m/status")["queue"]["done"]
    begin = time.monotonic()
    probe.start()
    for study in studies:
        queue(pacs, study)
    marks, done = {}, 0
    while done < len(studies):
        time.sleep(0.2)
        done = pacs.client.get("/h3k27m/status")["queue"]["done"] - before
        for mark in MEMORY_AT:
            if done >= mark and mark not in marks:
                marks[mark] = {"orthanc": memory(orthanc), "engine": memory(engine)}
        if pacs.client.get("/h3k27m/status")["queue"]["dead"]:
            raise RuntimeError("a study failed: " + pacs.log()[-3000:])
    elapsed = time.monotonic() - begin
    latency = probe.result()
    growth = {name: marks[MEMORY_AT[1]][name]["rss_bytes"] / marks[MEMORY_AT[0]][name]["rss_bytes"] - 1
              for name in ("orthanc", "engine")} if len(marks) == len(MEMORY_AT) else None
    return {"studies": len(studies), "seconds": elapsed, "studies_per_hour": 3600 * len(studies) / elapsed,
            "memory": {str(mark): value for mark, value in marks.items()}, "memory_growth_10th_to_50th": growth,
            "latency": latency}


def figures_of(size, network, single, load):
    latency = load["latency"]
    figures = {f"bare network at {size} x {size}, ms per slice": figure(network["network_ms_per_slice"]),
               f"a study of {single['slices']} slices at {size}, stable to stored, ms": figure(single["stable_to_stored_ms_median"]),
               f"not network at {size}, share of the network's time": figure(single["not_network_share"], TARGETS["not_network_share"]),
               f"studies per hour at {size}, {load['studies']} at once": figure(load["studies_per_hour"], better=HIGHER),
               "GET /system while processing, p99 ms": figure(latency["rest_system_p99_ms"], TARGETS["latency_p99_ms"]),
               "C-ECHO while processing, p99 ms": figure(latency["c_echo_p99_ms"], TARGETS["latency_p99_ms"])}
    for mark, processes in load["memory"].items():
        for name, value in processes.items():
            figures[f"{name} after {mark} studies, MiB"] = figure(value["rss_bytes"] / 2**20)
    for name, value in (load["memory_growth_10th_to_50th"] or {}).items():
        figures[f"{name}, growth of memory from the 10th to the 50th"] = figure(value, TARGETS["memory_growth"],
                                                                                compared=False)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--slices", type=int, default=24)
    parser.add_argument("--input-size", type=int, default=256, help="of the network; the paper's is 256")
    arguments = parser.parse_args()

    own_size = json.loads((MODEL / "card.json").read_text(encoding="utf-8"))["input_size"]
    with tempfile.TemporaryDirectory(prefix="h3k27m-bench-model-") as fitted:
        model = MODEL if arguments.input_size == own_size else fit_model(arguments.build, arguments.input_size, fitted)
        measure(arguments, model)


def measure(arguments, model):
    network = bare_network(arguments.build, model)
    with tempfile.TemporaryDirectory(prefix="h3k27m-bench-") as folder, \
            TestPacs(folder, arguments.build, h3k27m={"Triage": "off", "Model": str(model)}) as pacs:
        shape = {"rows": 256, "columns": 256, "slices": arguments.slices, "pixel_spacing_mm": 0.9,
                 "slice_spacing_mm": 132 / arguments.slices}
        total = arguments.studies + SINGLE_STUDIES
        print(f"Making {total} synthetic studies of {arguments.slices} slices ...", file=sys.stderr)
        studies = [one["study"] for seed in range(1, total + 1, 5)
                   for one in pacs.make_phantoms(seed=seed, count=min(5, total + 1 - seed), **shape)]
        print("One at a time ...", file=sys.stderr)
        single = measure_single(pacs, studies[:SINGLE_STUDIES])
        print("All at once ...", file=sys.stderr)
        load = measure_throughput(pacs, studies[SINGLE_STUDIES:])
        engine = pacs.engine()
    write_record(figures_of(arguments.input_size, network, single, load), engine["device"], network=network,
                 single_study=single, throughput=load)


if __name__ == "__main__":
    main()
