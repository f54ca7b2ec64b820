# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the tree of an image as a container engine would: its user, its entry point as process 1, nothing writable but
its volumes. Needs root and a mount namespace of its own."""

import json
import os
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from chroot_stages import Mounts, say
from dockerfile import DockerfileError

START_LIMIT_SECONDS = 300
STOP_LIMIT_SECONDS = 60
# As the compose files have it.
TMPFS = ("/run/h3k27m", "/tmp")
# What is started here ends with this program, however that ends.
TIED = ["setpriv", "--pdeathsig", "KILL", "--"]


def tmpfs_words(folder):
    """What mount is told: as runc, an engine's tmpfs has the mode of the image's folder and belongs to root."""
    return ["-t", "tmpfs", "-o", f"mode={stat.S_IMODE(folder.stat().st_mode):04o}", "tmpfs"]


class Network:
    """A network of its own, with a loopback and nothing else: ports of this machine are neither used nor seen."""

    def __enter__(self):
        self.holder = subprocess.Popen([*TIED, "unshare", "--net", "--", "/bin/sh", "-c",
                                        "ip link set lo up && echo up && exec sleep infinity"],
                                       stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline().strip() != "up":
            raise DockerfileError("a network namespace could not be made")
        self.enter = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--"]
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()


class Container:
    """The image's entry point as process 1 of its own namespaces, on a tree that is read-only but for its volumes."""

    def __init__(self, network, tree, image, configuration, environment, volume=None):
        """volume: a folder to mount at the image's volume; a new one when none is named."""
        self.network, self.tree, self.image = network, Path(tree), image
        self.environment = {**image.environment, **environment}
        self.configuration, self.volume = configuration, volume
        self.process, self.pid = None, None

    def __enter__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="h3k27m-container-")
        scratch = Path(self.scratch.name)
        self.root = scratch / "root"
        self.root.mkdir()
        subprocess.run(["mount", "--bind", str(self.tree), str(self.root)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(self.root)], check=True)
        self.mounts = Mounts(self.root).__enter__()

        (scratch / "etc").mkdir()
        (scratch / "etc" / "50-check.json").write_text(json.dumps(self.configuration))
        self.mounts.mount("etc/h3k27m", "--bind", str(scratch / "etc"))
        for number, target in enumerate(self.image.volumes):
            folder = Path(self.volume) if self.volume else scratch / str(number)
            folder.mkdir(mode=0o700, exist_ok=True)
            os.chown(folder, *(int(part) for part in self.image.user.split(":")))
            self.mounts.mount(target, "--bind", str(folder))
        for target in TMPFS:
            self.mounts.mount(target, *tmpfs_words(self.root / target.lstrip("/")))
        self.start()
        return self

    def command(self, words):
        assigned = [f"{name}={value}" for name, value in self.environment.items()]
        return ["chroot", f"--userspec={self.image.user}", str(self.root), "/usr/bin/env", "-i",
                f"--chdir={self.image.workdir}", *assigned, *words]

    def start(self):
        # The new process 1 mounts its own /proc, and then becomes the entry point.
        prepare = 'mount -t proc proc "$0/proc" && exec "$@"'
        words = self.command([*self.image.entrypoint, *self.image.command])
        self.process = subprocess.Popen([*TIED, *self.network.enter, "unshare", "--pid", "--mount", "--uts", "--fork",
                                         "--kill-child", "--", "/bin/sh", "-c", prepare, str(self.root), *words])
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        while not self.pid and self.process.poll() is None:
            self.pid = children.read_text().strip() or None
            time.sleep(0.05)

    def health(self):
        """Exit code and words of the health check, as the image's user."""
        answer = subprocess.run(["nsenter", "--target", self.pid, "--net", "--pid", "--mount", "--",
                                 *self.command(self.image.healthcheck)], capture_output=True, text=True)
        return answer.returncode, " ".join((answer.stdout + answer.stderr).split())

    def wait_until(self, look, what):
        end = time.monotonic() + START_LIMIT_SECONDS
        while not look():
            if self.process.poll() is not None:
                raise DockerfileError(f"the container ended with {self.process.returncode}")
            if time.monotonic() > end:
                raise DockerfileError(f"{what}: not within {START_LIMIT_SECONDS} s; the last answer: {self.health()}")
            time.sleep(0.5)

    def wait_until_healthy(self):
        begin = time.monotonic()
        self.wait_until(lambda: self.health()[0] == 0, "healthy")
        say(f"healthy after {time.monotonic() - begin:.1f} s: {self.health()[1]}")

    def stop(self):
        """As an engine does: the stop signal to process 1. Its exit code."""
        begin = time.monotonic()
        os.kill(int(self.pid), getattr(signal, self.image.stop_signal))
        status = self.process.wait(timeout=STOP_LIMIT_SECONDS)
        say(f"{self.image.stop_signal}: ended with {status} after {time.monotonic() - begin:.1f} s")
        if status != 0:
            raise DockerfileError("Orthanc did not end by itself")

    def kill(self):
        os.kill(int(self.pid), signal.SIGKILL)
        self.process.wait()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.mounts.__exit__()
        subprocess.run(["umount", "--lazy", str(self.root)], check=True)
        self.scratch.cleanup()
