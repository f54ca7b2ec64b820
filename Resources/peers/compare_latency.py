#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a stable study to its stored SEG and SR: the plugin beside study_peer.py, in turns on one machine; for
bench.sh --latency.

One Orthanc with the plugin holds all studies; triage is off, so that each is computed when its turn comes. The peers work
beside the same Orthanc with the same weights: one that is warm, and one process per study. What the plugin took is what
it records itself, from the claim of a study to its stored results, and once more as this script sees it, from the request
to the end, polling included.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "setup"))
from bench import MODEL, fit_model, queue, seconds_between  # noqa: E402
from compare_with_pytorch import ALLOCATOR  # noqa: E402
from test_pacs import TestPacs  # noqa: E402

PEER = Path(__file__).with_name("study_peer.py")
AIMS = {"process per study": 3.0, "warm server": 1.5}
NOT_NETWORK_AIM = 0.20


class WarmPeer:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **ALLOCATOR})
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the warm peer ended with {self.process.wait()}")
        return json.loads(line)

    def run(self, study):
        self.process.stdin.write(study + "\n")
        self.process.stdin.flush()
        return self.answer()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def run_plugin(pacs, study):
    begin = time.perf_counter()
    queue(pacs, study)
    case = pacs.client.wait_until(lambda: next((one for one in [pacs.client.get_case(study)] if one["state"] == "done"), None),
                                  240, "the study's end", interval_seconds=0.02)
    seen = time.perf_counter() - begin
    network = case["result"]["timings_ms"]["network"] / 1000
    whole = seconds_between(case, "started", "finished")
    return {"seconds": whole, "seen": seen, "network": network, "not_network_share": (whole - network) / network}


def run_process(command, study):
    begin = time.perf_counter()
    output = subprocess.run([*command, study], check=True, capture_output=True, text=True,
                            env={**os.environ, **ALLOCATOR}).stdout
    return {**json.loads(output.splitlines()[-1]), "seconds": time.perf_counter() - begin}


def median(rows, key="seconds"):
    return statistics.median(row[key] for row in rows)


def measure(arguments, model, folder):
    with TestPacs(folder, arguments.build, h3k27m={"Triage": "off", "Model": str(model), "Saliency": "none"}) as pacs:
        shape = {"rows": arguments.matrix, "columns": arguments.matrix, "slices": arguments.slices,
                 "pixel_spacing_mm": 230 / arguments.matrix, "slice_spacing_mm": 132 / arguments.slices}
        total = 3 * (arguments.rounds + 1)
        studies = [pacs.make_phantom(seed=seed, **shape)["study"] for seed in range(1, total + 1)]
        pacs.stop()
        pacs.start()
        first = run_plugin(pacs, studies.pop())   # the first study after the start
        command = [sys.executable, PEER, "--orthanc", f"http://127.0.0.1:{pacs.http_port}", "--model", str(model)]
        warm = WarmPeer(command)
        first_warm = warm.run(studies.pop())
        rows = {"plugin": [], "warm server": [], "process per study": []}
        for _ in range(arguments.rounds):
            rows["plugin"].append(run_plugin(pacs, studies.pop()))
            rows["warm server"].append(warm.run(studies.pop()))
            rows["process per study"].append(run_process(command, studies.pop()))
        warm.stop()
    return {"first_study": {"plugin": first, "warm server": first_warm}, "rounds": rows}


def show(result):
    rows = result["rounds"]
    own = median(rows["plugin"])
    print(f"  the plugin: {1000 * own:.0f} ms ({1000 * median(rows['plugin'], 'seen'):.0f} as a client sees it), of which "
          f"network {1000 * median(rows['plugin'], 'network'):.0f}; not network "
          f"{100 * median(rows['plugin'], 'not_network_share'):.0f} % of the network's time, aim {100 * NOT_NETWORK_AIM:.0f} %; "
          f"first study after the start {1000 * result['first_study']['plugin']['seconds']:.0f} ms")
    for name, aim in AIMS.items():
        ratios = sorted(peer["seconds"] / mine["seconds"] for peer, mine in zip(rows[name], rows["plugin"]))
        ratio = statistics.median(ratios)
        parts = ", ".join(f"{part} {1000 * median(rows[name], part):.0f}"
                          for part in ("fetch", "prepare", "network", "segmentation", "report"))
        print(f"  {name:18s} {1000 * median(rows[name]):.0f} ms ({parts}): ratio {ratio:.2f} ({ratios[0]:.2f} to "
              f"{ratios[-1]:.2f}), aim {aim}: {'reached' if ratio >= aim else 'NOT REACHED'}")
        result.setdefault("ratios", {})[name] = {"ratio": ratio, "lowest": ratios[0], "highest": ratios[-1], "aim": aim}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slices", type=int, default=24)
    parser.add_argument("--matrix", type=int, default=512)
    parser.add_argument("--input-size", type=int, default=256, help="of the network; the paper's is 256")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    own_size = json.loads((MODEL / "card.json").read_text(encoding="utf-8"))["input_size"]
    with tempfile.TemporaryDirectory(prefix="h3k27m-latency-") as work:
        model = (MODEL if arguments.input_size == own_size
                 else fit_model(arguments.build, arguments.input_size, Path(work) / "model"))
        result = measure(arguments, model, Path(work) / "pacs")
    show(result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
