# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of Orthanc and its engine from outside while they work: answers over REST, memory, descriptors, threads and
files, all of it from /proc and the two processes' own folders."""

import os
import statistics
import threading
import time
from pathlib import Path

# What belongs beside Orthanc's index for good: the work store, what SQLite keeps beside it, and the installation's key.
LASTING = ("h3k27m-work.db", "h3k27m-work.db-wal", "h3k27m-work.db-shm", "h3k27m-installation")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


class LatencyProbe(threading.Thread):
    """Asks each of the paths five times a second, over a connection of its own each time."""

    def __init__(self, pacs, paths):
        super().__init__(daemon=True)
        self.pacs, self.ended, self.failures = pacs, threading.Event(), 0
        self.milliseconds = {path: [] for path in paths}

    def run(self):
        while not self.ended.wait(0.2):
            for path, times in self.milliseconds.items():
                begin = time.perf_counter()
                try:
                    self.pacs.client.get(path, timeout=30)
                    times.append(1000 * (time.perf_counter() - begin))
                except Exception:   # noqa: BLE001 - a failure of any kind is counted and reported
                    self.failures += 1

    def result(self):
        self.ended.set()
        self.join()
        return self.milliseconds


def read_status(pid):
    """{"rss_bytes", "threads", "descriptors", "cpu_seconds"} of one process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return {"rss_bytes": int(values["VmRSS"].split()[0]) << 10, "threads": int(values["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "cpu_seconds": (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")}


class MemoryWatch(threading.Thread):
    """Resident memory of each process, {name: pid}, twice a second."""

    def __init__(self, processes):
        super().__init__(daemon=True)
        self.processes, self.ended = processes, threading.Event()
        self.bytes = {name: [] for name in processes}

    def run(self):
        while not self.ended.wait(0.5):
            for name, pid in self.processes.items():
                try:
                    self.bytes[name].append(read_status(pid)["rss_bytes"])
                except OSError:
                    return   # it ended, and whoever asks it next says so

    def result(self):
        """{name: [median of each quarter of the time]}."""
        self.ended.set()
        self.join()
        return {name: [statistics.median(values[len(values) * part // 4:len(values) * (part + 1) // 4])
                       for part in range(4)] if len(values) >= 8 else None for name, values in self.bytes.items()}


def processes_of(pacs):
    """{name: pid} of Orthanc and, where there is one, of its engine."""
    found = {"orthanc": pacs.process.pid}
    if pacs.has_plugin:
        found["engine"] = pacs.engine()["pid"]
    return found


def take_stock(pacs):
    """What could grow: of both processes, of their folder for temporary files, and of the plugin's files beside the index."""
    stock = {name: read_status(pid) for name, pid in processes_of(pacs).items()}
    own = [path for path in (pacs.folder / "db").rglob("h3k27m-*") if path.name not in LASTING]
    inside = [path for folder in own if folder.is_dir() for path in folder.rglob("*")]
    stock["temporary_files"] = len(list(pacs.temporary.rglob("*"))) + len(own) + len(inside)
    stock["work_store_bytes"] = sum((pacs.folder / "db" / name).stat().st_size for name in LASTING
                                    if (pacs.folder / "db" / name).exists())
    return stock
