#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Predicts phantoms on the CPU in fp32 and on the GPU in each precision, and compares every voxel and the scores.

Exits 1 unless masks agree on 99.9 % of the voxels and scores to 5e-3 (2e-4 in fp32).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HEADER_BYTES = 352
MASK_AGREEMENT = 0.999
SCORE_TOLERANCE = {"fp32": 2e-4, "bf16": 5e-3, "fp16": 5e-3}


def predict(arguments, volume, mask, device, precision):
    output = subprocess.run(
        [arguments.engine, "predict", "--model", arguments.model, "--device", device, "--precision", precision, "--mask",
         mask, volume], check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1]), np.frombuffer(Path(mask).read_bytes()[HEADER_BYTES:], np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--count", type=int, default=4)
    arguments = parser.parse_args()
    worst = {precision: {"mask_agreement": 1.0, "score_difference": 0.0} for precision in SCORE_TOLERANCE}
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([arguments.engine, "phantom", "--output", f"{work}/phantoms", "--count", str(arguments.count),
                        "--seed", "77", "--tumour-free-share", "0.25"], check=True, capture_output=True)
        for volume in sorted(Path(work, "phantoms").glob("sub-*/anat/*_T2w.nii*")):
            expected, expected_mask = predict(arguments, volume, f"{work}/cpu.nii", "cpu", "fp32")
            for precision, seen in worst.items():
                result, mask = predict(arguments, volume, f"{work}/gpu.nii", "cuda", precision)
                seen["mask_agreement"] = min(seen["mask_agreement"], float((mask == expected_mask).mean()))
                scores = [a["genotype"]["probability_altered"] or 0 for a in (expected, result)]
                seen["score_difference"] = max(seen["score_difference"], abs(scores[0] - scores[1]))
                print(volume.name, precision, json.dumps(result)[:400])
    print(json.dumps(worst))
    return 0 if all(seen["mask_agreement"] >= MASK_AGREEMENT and seen["score_difference"] <= SCORE_TOLERANCE[precision]
                    for precision, seen in worst.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
