#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away PostgreSQL server on a free port of loopback, in a folder of its own; one that runs on this machine already is not
touched.

    with PostgreSqlServer() as server:          # makes the cluster and starts it
        server.url                              # "postgresql://h3k27m@127.0.0.1:PORT/postgres"
        server.stop(); server.start()           # away and back, on the same port

As a program it runs a command meanwhile, to which H3K27M_TEST_POSTGRESQL names the server: postgresql_server.py COMMAND...
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from orthanc_config import free_ports

USER = "h3k27m"


class PostgreSqlServer:
    def __init__(self):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        if not found:
            raise FileNotFoundError("PostgreSQL is not installed: Resources/install-packages.sh test")
        self.programs = found[-1]
        self.folder = Path(tempfile.mkdtemp(prefix="h3k27m-postgresql-"))
        (self.port,) = free_ports(1)
        self.url = f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def __enter__(self):
        try:
            if os.getuid() == 0:   # PostgreSQL refuses to run as root
                os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
            self._call("initdb", "-D", self.folder / "data", "--auth=trust", f"--username={USER}", "--no-sync")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop(must_run=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self._call("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "data" / "server.log", "-o",
                   f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories=''", "start")

    def stop(self, mode="immediate", must_run=True):
        """immediate: as kill -9 would; fast: in order."""
        self._call("pg_ctl", "-D", self.folder / "data", "-m", mode, "stop", check=must_run)

    def _call(self, program, *arguments, check=True):
        owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        # To a file: a server that inherits a pipe would keep it open for ever.
        with open(self.folder / "log", "ab") as log:
            done = subprocess.run([*owner, self.programs / program, *arguments], cwd=self.folder, stdout=log, stderr=log,
                                  stdin=subprocess.DEVNULL, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{program} ended with {done.returncode}:\n{(self.folder / 'log').read_text()[-2000:]}")


def main(command):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))   # or the server would outlive a job that is cancelled
    with PostgreSqlServer() as server:
        return subprocess.run(command, env={**os.environ, "H3K27M_TEST_POSTGRESQL": server.url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
