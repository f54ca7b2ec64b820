#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network and training step of the engine beside PyTorch, of the same wheel, in turns on one machine; for bench.sh --peer.

Machines are shared and noisy, so ratios count: the two sides take turns, and medians and spreads over the rounds are told.
PyTorch runs once as it is installed, and once with the settings of the allocator that the engine gives itself, by torch.compile
too. The convolutions and products of the network alone are no peer but a roof: the ratio is the share of it that is reached.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PEER = Path(__file__).with_name("pytorch_network.py")
# Inference/Predict/ProcessTuning.cpp, KeepFreedMemory()
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "2147483647", "MALLOC_TRIM_THRESHOLD_": "2147483647",
             "MALLOC_TOP_PAD_": str(64 << 20), "MALLOC_ARENA_MAX": "1"}
AIMS = {"inference, PyTorch as installed": 1.3, "inference, PyTorch channels-last, same allocator": 1.1,
        "inference, torch.compile, same allocator": 1.1, "inference, its convolutions and products alone": 0.75,
        "training step, PyTorch as installed": 1.2, "training step, same allocator": 1.05}


def last_json(command, environment=None):
    output = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True,
                            env={**os.environ, **(environment or {})}).stdout
    return json.loads([line for line in output.splitlines() if line.startswith("{")][-1])


def measure_round(arguments):
    engine, python = arguments.build / "h3k27m", sys.executable
    repeat = ["--repeat", arguments.repeat]
    own = {"inference": last_json([engine, "bench", "--json", "--device", "cpu", *repeat])
           ["network_ms_per_slice"],
           "training": 1000 * last_json([engine, "bench-training", "--device", "cpu", *repeat])["step_seconds"]}
    plain = last_json([python, PEER, *repeat])
    tuned = last_json([python, PEER, *repeat, "--what", "inference,compiled,products,training"], ALLOCATOR)

    def inference(result, layout):
        return next(case["ms_per_slice"] for case in result["inference"] if case["layout"] == layout)

    peers = {"inference, PyTorch as installed": (inference(plain, "contiguous_format"), own["inference"]),
             "inference, PyTorch channels-last, same allocator": (inference(tuned, "channels_last"), own["inference"]),
             "inference, torch.compile, same allocator": (tuned["compiled_ms_per_slice"], own["inference"]),
             "inference, its convolutions and products alone": (tuned["products"]["ms_per_slice"], own["inference"]),
             "training step, PyTorch as installed": (1000 * plain["training"][0]["seconds"], own["training"]),
             "training step, same allocator": (1000 * tuned["training"][0]["seconds"], own["training"])}
    return {name: {"peer_ms": peer, "own_ms": mine, "ratio": peer / mine} for name, (peer, mine) in peers.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=6)
    arguments = parser.parse_args()
    rounds = [measure_round(arguments) for _ in range(arguments.rounds)]
    result = {}
    for name, aim in AIMS.items():
        ratios = sorted(one[name]["ratio"] for one in rounds)
        result[name] = {"peer_ms": statistics.median(one[name]["peer_ms"] for one in rounds),
                        "own_ms": statistics.median(one[name]["own_ms"] for one in rounds),
                        "ratio": statistics.median(ratios), "lowest": ratios[0], "highest": ratios[-1], "aim": aim}
        seen = result[name]
        print(f"  {name:50s} PyTorch {seen['peer_ms']:8.1f} ms, h3k27m {seen['own_ms']:8.1f} ms: ratio {seen['ratio']:.2f} "
              f"({seen['lowest']:.2f} to {seen['highest']:.2f}), aim {aim}: "
              f"{'reached' if seen['ratio'] >= aim else 'NOT REACHED'}")
    print(json.dumps({"rounds": len(rounds), "peer": result}))


if __name__ == "__main__":
    main()
