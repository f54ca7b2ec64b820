# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ServiceContainer: the packaged service orthanc.service under a real systemd, with our drop-in.

    with ServiceContainer(folder, binds={"/somewhere": "/opt/libtorch"}) as container:
        container.copy(tree, "usr/local")                   # files of the container, before it starts
        container.write("etc/orthanc/orthanc.json", text)
        container.start()
        container.run("systemctl", "is-active", "orthanc")  # as root inside

The container is this machine's own root folder under an overlay: what is installed here is installed there, nothing that it
writes reaches the machine, and it shares the network, so that a port of loopback is the same inside and outside. Needs root,
overlayfs and systemd-nspawn (package systemd-container); CannotContain where one of them is refused.
"""

import signal
import subprocess
import time
from pathlib import Path

TARGET = "h3k27m-test.target"
BOOT_LIMIT_SECONDS = 60
UNITS = "etc/systemd/system"


class CannotContain(Exception):
    """This machine lets nobody make such a container."""


class ServiceContainer:
    def __init__(self, folder, binds):
        self.folder = Path(folder)
        self.root = self.folder / "root"
        self.binds = binds
        self.process = None
        self.mounts = []

    def __enter__(self):
        try:
            self._mount("tmpfs", self.folder)   # an overlay's upper folder must not lie in its lower one
            for name in ("root", "upper", "work"):
                (self.folder / name).mkdir()
            self._mount("overlay", self.root, f"lowerdir=/,upperdir={self.folder}/upper,workdir={self.folder}/work")
        except BaseException:
            self.__exit__()
            raise
        # The service alone, not whatever else is installed on this machine.
        self.write(f"{UNITS}/{TARGET}", "[Unit]\nRequires=basic.target orthanc.service\nAfter=basic.target orthanc.service\n")
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)   # systemd-nspawn asks systemd to power off
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for mount in reversed(self.mounts):
            subprocess.run(["umount", "--lazy", str(mount)], check=False)

    def _mount(self, kind, folder, options="mode=755"):
        answer = subprocess.run(["mount", "-t", kind, "-o", options, kind, str(folder)], capture_output=True, text=True,
                                check=False)
        if answer.returncode != 0:
            raise CannotContain(answer.stderr.strip())
        self.mounts.append(folder)

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def copy(self, source, path):
        target = self.root / path
        target.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode
        subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)
        target.chmod(mode)   # not that of a temporary folder, which the service may not enter

    def start(self):
        with open(self.folder / "console.log", "wb") as log:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--directory={self.root}", "--machine=h3k27m",
                 *(f"--bind-ro={outside}:{inside}" for outside, inside in self.binds.items()),
                 "--boot", f"systemd.unit={TARGET}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + BOOT_LIMIT_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            if self._leader() and self.run("systemctl", "is-active", "basic.target").stdout.strip() == "active":
                return
            time.sleep(0.2)
        raise CannotContain(f"systemd does not start: {self.console()[-2000:]}")

    def console(self):
        return (self.folder / "console.log").read_text(encoding="utf-8", errors="replace")

    def _leader(self):
        """The process id of the container's systemd; 0: not there yet."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = task.read_text(encoding="ascii").split()
        return int(children[0]) if children else 0

    def run(self, *command, of=None):
        """A command inside, as root; of: in the namespaces of that process instead of systemd's."""
        return subprocess.run(["nsenter", "--target", str(of or self._leader()), "--mount", "--uts", "--ipc", "--pid", "--root",
                               "--wdns=/", *command], capture_output=True, text=True, check=False, timeout=60)

    def show(self, name):
        """A property of the service, as systemctl names it."""
        return self.run("systemctl", "show", "orthanc", f"--property={name}", "--value").stdout.strip()

    def outside_pid(self, inside):
        """What this machine calls a process that the container calls `inside`; 0: there is none."""
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text(encoding="utf-8", errors="replace")
                fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
                numbers = fields["NSpid"].split()
                if numbers[1:] == [str(inside)] and Path(f"/proc/{numbers[0]}/ns/pid").readlink() == \
                        Path(f"/proc/{self._leader()}/ns/pid").readlink():
                    return int(numbers[0])
            except (OSError, KeyError):
                continue   # it ended meanwhile
        return 0
