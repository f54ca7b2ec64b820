#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the units of an ablation on one machine, several at once: the encoders, then the models, then `merge`.

A network on a GPU leaves most of it idle while the CPU starts its kernels, and a small one leaves a CPU's second core idle:
several processes fill both. A unit that fails stops the rest; the same command again does what is left. Python's own library is
enough. Research use only.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

# OpenMP's threads wait for each other by turning on the spot. Beside other work on the machine that burns what is left: a merge of
# 30 small units beside two busy processes on two cores was over after 143 s with this, and without it not after 23 minutes beside a
# build.
ENVIRONMENT = {"GOMP_SPINCOUNT": "1000", **os.environ}


class Units:
    """The engine's command for one run, and what it says."""

    def __init__(self, options):
        self.engine = options.engine
        self.run = ["--output", options.output, "--dataset", options.dataset]
        self.config = ["--config", options.config] if options.config else []
        self.threads = ["--threads", options.threads]
        self.device = ["--device", options.device]
        self.processes = set()

    def call(self, command, *arguments):
        process = subprocess.Popen([self.engine, command, *map(str, (*self.run, *self.device, *arguments))],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.processes.add(process)
        output, errors = process.communicate()
        self.processes.discard(process)
        if process.returncode:
            raise RuntimeError(f"h3k27m {command} {' '.join(map(str, arguments))}: {errors[-2000:]}")
        return output

    def stop(self):
        """Nobody goes on in the folder when this script ends."""
        for process in list(self.processes):
            process.terminate()

    def list(self):
        lines = self.call("ablate", *self.config, "--list-units").splitlines()
        return [line.split(maxsplit=1) for line in lines]

    def compute(self, number, name):
        begin = time.monotonic()
        self.call("ablate", *self.config, *self.threads, "--unit", number)
        sys.stdout.write(f"{name}: {time.monotonic() - begin:.0f} s\n")  # one call: lines of several threads stay whole
        sys.stdout.flush()

    def merge(self):
        return json.loads(self.call("merge").splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--engine", default="h3k27m")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")
    parser.add_argument("--dataset", type=Path, required=True, help="BIDS folder with participants.tsv and masks")
    parser.add_argument("--config", type=Path, help="JSON file with keys of a run")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--at-once", type=int, default=os.cpu_count(), help="units at the same time")
    parser.add_argument("--threads", type=int, default=1, help="of each")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    units = Units(options)
    try:
        every = units.list()
        encoders = [unit for unit in every if unit[1].startswith("encoder")]
        models = [unit for unit in every if unit not in encoders]
        with ThreadPoolExecutor(options.at_once) as pool:
            try:
                for stage in (encoders, models):
                    begin = time.monotonic()
                    futures = [pool.submit(units.compute, *unit) for unit in stage]
                    for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                        future.result()
                    print(f"{len(stage)} units in {time.monotonic() - begin:.0f} s", flush=True)
            except BaseException:   # a unit that failed, or a signal: the pool's end would wait for all that is queued
                pool.shutdown(wait=False, cancel_futures=True)
                units.stop()
                raise
        begin = time.monotonic()
        metrics = units.merge()
    except RuntimeError as error:
        sys.exit(str(error))
    finally:
        units.stop()
    print(f"merged in {time.monotonic() - begin:.0f} s: {options.output / 'report' / 'index.html'}")
    for model in metrics["models"]:
        for where in ("external", "out_of_fold"):
            found = (model["metrics"].get(where) or {}).get("auroc")
            if found:
                print(f"{model['name']} {where} AUROC {found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})")


if __name__ == "__main__":
    main()
