# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measurement of bench.sh leaves: its figures with their aims, for a person, and the same as one line of JSON.

    figures = {"page of 50 cases, ms": figure(6.1, aim=20), "studies per hour": figure(1730, better=HIGHER)}
    write_record(figures, device="cpu")

setup/compare_bench.py reads such a line.
"""

import json
import os
import platform
from pathlib import Path

LOWER, HIGHER = "lower is better", "higher is better"


def figure(value, aim=None, better=LOWER, compared=True):
    """compared: whether a later record's figure may be set beside it; not where the value is near nought, as a growth is."""
    return {"value": value, "aim": aim, "better": better, "compared": compared}


def is_reached(one):
    return one["value"] <= one["aim"] if one["better"] == LOWER else one["value"] >= one["aim"]


def processor():
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def machine(device):
    return {"processor": processor(), "cores": len(os.sched_getaffinity(0)), "device": device,
            "system": platform.platform()}


def show(figures):
    for name, one in figures.items():
        aim = "" if one["aim"] is None else (
            f"   aim {'<=' if one['better'] == LOWER else '>='} {one['aim']:g}: "
            f"{'reached' if is_reached(one) else 'NOT REACHED'}")
        print(f"  {name:66s} {one['value']:10.3f}{aim}")


def write_record(figures, device, **more):
    """Prints all figures, then the record as the last line."""
    described = machine(device)
    print(f"{described['processor']}, {described['cores']} cores, engine on {device}")
    show(figures)
    print(json.dumps({"machine": described, "figures": figures, **more}))
