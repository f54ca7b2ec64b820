#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two records of bench.sh side by side: is the later one slower than noise explains?

    compare_bench.py EARLIER LATER [--noise 0.25]

Each file holds what bench.sh printed, of whatever kind; its last line that is a JSON object counts. A figure
that got worse by more than the noise is a regression. Ratios to a peer were measured in turns on one machine: they may be
compared between machines, and their own spread widens the noise. Milliseconds may not: with records of different machines only
ratios are judged. Exits 1 when there is a regression, 2 when the records cannot be compared.
"""

import argparse
import json
import sys
from pathlib import Path

from bench_record import HIGHER

NOISE = 0.25   # what a shared machine was seen to vary by between quiet minutes


class NotComparable(Exception):
    """With the reason."""


def read_record(path):
    lines = [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    if not lines:
        raise NotComparable(f"{path} holds no record of bench.sh: no line of it is a JSON object")
    try:
        return json.loads(lines[-1])
    except ValueError as fault:
        raise NotComparable(f"{path}: {fault}") from fault


def figures(record):
    """{name: (value, which way is better, spread as a share of the value, whether it holds on another machine)}"""
    found = {}
    for group in ("peer", "ratios"):
        for name, one in record.get(group, {}).items():
            spread = (one["highest"] - one["lowest"]) / 2 / one["ratio"]
            found[f"{name}, ratio"] = (one["ratio"], HIGHER, spread, True)
    for name, one in record.get("figures", {}).items():
        if one["compared"]:
            found[name] = (one["value"], one["better"], 0, False)
    if not found:
        raise NotComparable("a record without a figure that this script knows")
    return found


def machine(record):
    described = record.get("machine", {})
    return described.get("processor"), described.get("cores"), described.get("device")


def compare(earlier, later, noise=NOISE):
    """[(name, earlier value, later value, change for the better as a share, verdict)]"""
    is_same_machine = machine(earlier) == machine(later)
    before, after = figures(earlier), figures(later)
    shared = [name for name in before if name in after]
    if not shared:
        raise NotComparable("the records have no figure in common")
    rows = []
    for name in shared:
        old, better, old_spread, is_portable = before[name]
        new, _, new_spread, _ = after[name]
        change = new / old - 1 if better == HIGHER else old / new - 1
        bound = max(noise, old_spread, new_spread)
        if not is_portable and not is_same_machine:
            verdict = "another machine: not judged"
        elif change < -bound:
            verdict = "REGRESSION"
        else:
            verdict = "faster" if change > bound else "within noise"
        rows.append((name, old, new, change, verdict))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("earlier")
    parser.add_argument("later")
    parser.add_argument("--noise", type=float, default=NOISE)
    arguments = parser.parse_args()
    try:
        rows = compare(read_record(arguments.earlier), read_record(arguments.later), arguments.noise)
    except (NotComparable, OSError) as fault:
        print(f"compare_bench.py: {fault}", file=sys.stderr)
        return 2
    for name, old, new, change, verdict in rows:
        print(f"  {name:60s} {old:10.3f} -> {new:10.3f}  {100 * change:+6.0f} %  {verdict}")
    return 1 if any(verdict == "REGRESSION" for *_, verdict in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
