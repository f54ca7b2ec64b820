# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What load.py measured against its aims: rows of a table, each with what was measured, what is aimed at, and whether."""

import os
import platform
import statistics
from collections import Counter
from datetime import datetime

from load_watch import percentile

RATE_RATIO = 0.90          # C-STORE with the plugin against without it, median of the rounds
LATENCY_MS = 100.0         # 99 of 100 answers
MEMORY_GROWTH = 0.10       # resident memory, later against earlier
EXTRA_DESCRIPTORS = 4      # connections that happen to be open
EXTRA_THREADS = 2          # such as one that serves such a connection


def row(what, measured, aim, reached):
    return {"what": what, "measured": measured, "aim": aim, "reached": bool(reached)}


def show(verdict):
    print(f"{verdict['machine']['processor']}, {verdict['machine']['cores']} cores; {verdict['load']}")
    for one in verdict["rows"]:
        word = "reached" if one["reached"] else "NOT REACHED"
        print(f"  {one['what']:58s} {one['measured']:>26s}   {one['aim']:>10s}   {word}")


def describe_machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"processor": names[0] if names else platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "system": platform.platform()}


def seconds(time):
    """A time of the plugin's JSON as seconds since 1970."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def count_overtaken(urgent, cases):
    """How many routine studies were begun after the urgent ones were asked for, and before the last of these was."""
    last = max(seconds(cases[study]["started"]) for study in urgent["studies"])
    return sum(1 for study, case in cases.items()
               if study not in urgent["studies"] and urgent["asked"] < seconds(case["started"]) < last)


def find_faults(results):
    """Studies that have not exactly the results that they should have, in words."""
    return [f"{study}: {found}" for study, found in results.items()
            if found["state"] != "done" or found["SR"] != 1 or found["SEG"] != found["expected_seg"]]


def judge_results(results, expected):
    faults = find_faults(results)
    tumours = sum(found["expected_seg"] for found in results.values())
    exact = f"{len(results) - len(faults)} of {expected}"
    return row(f"studies with one SR and one SEG ({tumours} with tumour) or none", exact, "all",
               not faults and len(results) == expected), faults


def judge_urgent(rounds):
    overtaken = [count_overtaken(one["urgent"], one["cases"]) for one in rounds]
    backlog = min(one["urgent"]["before_them"] for one in rounds)
    return row(f"routine studies begun before urgent ones ({backlog} waited)", " ".join(map(str, overtaken)), "0",
               not any(overtaken) and backlog > 0)


def judge_latency(rounds, path):
    times = [time for one in rounds for time in one["milliseconds"].get(path, ())]
    p99 = percentile(times, 0.99)
    return row(f"GET {path}, p99 of {len(times)}", f"{p99:.1f} ms", f"< {LATENCY_MS:.0f} ms", p99 < LATENCY_MS)


def judge_quarters(rounds):
    """Memory of each process: the last quarter's level against that of the second, the worst round."""
    rows = []
    for name in ("orthanc", "engine"):
        quarters = [one["memory_by_quarter"][name] for one in rounds if one["memory_by_quarter"][name]]
        if not quarters:
            rows.append(row(f"memory of {name}", "too short", "flat", False))
            continue
        second, last = max(((q[1], q[3]) for q in quarters), key=lambda pair: pair[1] / pair[0])
        rows.append(row(f"memory of {name}, 2nd and last quarter", f"{second / 2**20:.0f} -> {last / 2**20:.0f} MiB",
                        f"+{100 * MEMORY_GROWTH:.0f} %", last <= second * (1 + MEMORY_GROWTH)))
    return rows


def judge_load(rounds, arguments):
    with_plugin, without = ([one[kind] for one in rounds] for kind in ("with", "without"))
    ratios = [w["sending"]["instances_per_second"] / o["sending"]["instances_per_second"]
              for w, o in zip(with_plugin, without)]
    rates = {kind: statistics.median(one["sending"]["instances_per_second"] for one in many)
             for kind, many in (("with", with_plugin), ("without", without))}
    complete, faults = {}, []
    rows = [row("C-STORE, with the plugin against without it", f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to "
                f"{max(ratios):.2f})", f">= {RATE_RATIO:.2f}", statistics.median(ratios) >= RATE_RATIO)]
    rows += [judge_latency(with_plugin, path) for path in with_plugin[0]["milliseconds"]]
    failures = sum(one["failures"] for one in with_plugin)
    rows.append(row("requests that failed", str(failures), "0", failures == 0))
    rows += judge_quarters(with_plugin)
    for one in with_plugin:
        complete, faults = judge_results(one["results"], arguments.studies + arguments.late)
        if faults or not complete["reached"]:
            break
    rows += [complete, judge_urgent(with_plugin)]
    for one in with_plugin + without:
        one["p99_ms"] = {path: percentile(times, 0.99) for path, times in one.pop("milliseconds").items()}
    for one in with_plugin:
        one["states"] = dict(Counter(found["state"] for found in one.pop("results").values()))
        del one["cases"]
        del one["urgent"]["studies"]
    return {"machine": describe_machine(),
            "load": f"{arguments.studies} studies of {arguments.slices} slices of {arguments.side} x {arguments.side}, "
                    f"{arguments.associations} associations, {len(rounds)} rounds; {rates['with']:.0f} instances/s with the "
                    f"plugin, {rates['without']:.0f} without",
            "rates": rates, "ratios": ratios, "rows": rows, "faults": faults[:20], "rounds": rounds}


def judge_growth(stocks):
    first, last = stocks[0], stocks[-1]
    rows = []
    for name in ("orthanc", "engine"):
        for key, extra in (("descriptors", EXTRA_DESCRIPTORS), ("threads", EXTRA_THREADS)):
            rows.append(row(f"{key} of {name}", f"{first[name][key]} -> {last[name][key]}", f"+{extra}",
                            last[name][key] <= first[name][key] + extra))
    rows.append(row("temporary files", f"{first['temporary_files']} -> {last['temporary_files']}", "+0",
                    last["temporary_files"] <= first["temporary_files"]))
    return rows


def judge_memory(stocks):
    first, last = stocks[0], stocks[-1]
    return [row(f"memory of {name}", f"{first[name]['rss_bytes'] / 2**20:.0f} -> {last[name]['rss_bytes'] / 2**20:.0f} MiB",
                f"+{100 * MEMORY_GROWTH:.0f} %", last[name]["rss_bytes"] <= first[name]["rss_bytes"] * (1 + MEMORY_GROWTH))
            for name in ("orthanc", "engine")]


def judge_soak(stocks, results, expected, taken):
    complete, faults = judge_results(results, expected)
    return {"machine": describe_machine(), "load": f"soak of {expected} studies in {taken:.0f} s",
            "rows": [*judge_memory(stocks), *judge_growth(stocks), complete], "faults": faults[:20], "stocks": stocks}
