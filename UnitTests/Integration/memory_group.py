# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MemoryGroup: a control group of Linux that bounds the memory of the processes in it, as a container's or a unit's does.

    with MemoryGroup() as group:
        group.add(pid)               # and all children that it has from then on
        group.limit(300 << 20)       # bytes; beyond them the kernel ends one of its processes
        group.kills()                # so many it has ended

Version 2 of control groups where it is mounted with the memory controller, else version 1; NoMemoryGroup where neither can be
had (no root, a container that may not).
"""

import errno
import os
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


class NoMemoryGroup(Exception):
    """This machine lets us make none."""


class MemoryGroup:
    def __init__(self):
        is_new = (ROOT / "cgroup.controllers").exists()
        self.folder = (ROOT if is_new else ROOT / "memory") / f"h3k27m-test-{os.getpid()}"
        self.limit_file, self.kills_file = ("memory.max", "memory.events") if is_new else ("memory.limit_in_bytes",
                                                                                           "memory.oom_control")
        try:
            if is_new:
                (ROOT / "cgroup.subtree_control").write_text("+memory", encoding="ascii")
            self.folder.mkdir()
            if not (self.folder / self.limit_file).exists():
                self.folder.rmdir()
                raise OSError("the memory controller is not there")
        except OSError as fault:
            raise NoMemoryGroup(f"no control group for memory: {fault}") from fault

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end = time.monotonic() + 10
        while True:
            try:
                return self.folder.rmdir()   # refused until the kernel has buried the last process
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def add(self, pid):
        (self.folder / "cgroup.procs").write_text(str(pid), encoding="ascii")

    def limit(self, size):
        """Version 1 refuses a limit below what is in use, and that of a killed process is so for a moment more."""
        end = time.monotonic() + 10
        while True:
            try:
                return (self.folder / self.limit_file).write_text(str(size), encoding="ascii")
            except OSError as fault:
                if fault.errno != errno.EBUSY or time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def kills(self):
        lines = (self.folder / self.kills_file).read_text(encoding="ascii").splitlines()
        return int(dict(line.split() for line in lines)["oom_kill"])
