# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out the stages of a Dockerfile in folders, one a stage, by debootstrap and chroot. Needs root.

A stage whose instructions, base and copied files are those of a folder that is there already is not made again.
"""

import fnmatch
import hashlib
import os
import re
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path

from dockerfile import DockerfileError, Image, apply_setting, expand

# The host's way to the registries, for the time of a step; nothing of it stays in a tree.
PASSED_ON = re.compile(r"(PIP_(?!FIND_LINKS|CERT).*|(https?|ftp|all|no)_proxy|DEB_BUILD_OPTIONS)", re.IGNORECASE)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
APT_OPTIONS = re.compile(r"Acquire::(Check-|https?|Retries|.*::Proxy)", re.IGNORECASE)
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
# What the slim images of Debian leave out.
SLIM_EXCLUDES = ("doc", "man", "info", "locale", "lintian")


def say(text):
    print(f"== {text}", flush=True)


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def mirrors():
    """Debian's archive and its security archive, as this machine's apt knows them."""
    sites = []
    for line in output_of("apt-get", "indextargets", "--format", "$(SITE) $(ORIGIN)").splitlines():
        site, _, origin = line.partition(" ")
        if origin == "Debian" and site not in sites:
            sites.append(site)
    security = [site for site in sites if "security" in site]
    archive = [site for site in sites if site not in security]
    if not archive:
        raise DockerfileError("apt knows no archive of Debian on this machine: run apt-get update")
    return archive[0], security[0] if security else None


def tree_size(folder):
    return int(output_of("du", "--summarize", "--one-file-system", "--block-size=1", str(folder)).split()[0])


class Mounts:
    """What a step needs mounted; all of it is gone afterwards."""

    def __init__(self, tree):
        self.tree, self.mounted = Path(tree), []

    def mount(self, target, *words):
        target = self.tree / str(target).lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", *words, str(target)], check=True)
        self.mounted.append(target)
        return target

    def __enter__(self):
        dev = self.mount("dev", "-t", "tmpfs", "-o", "mode=755", "tmpfs")
        for name, (major, minor) in DEVICES.items():
            os.mknod(dev / name, 0o20666, os.makedev(major, minor))
            os.chmod(dev / name, 0o666)
        (dev / "fd").symlink_to("/proc/self/fd")
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            (dev / name).symlink_to(f"/proc/self/fd/{number}")
        (dev / "ptmx").symlink_to("pts/ptmx")
        self.mount("dev/pts", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts")
        self.mount("dev/shm", "-t", "tmpfs", "-o", "mode=1777", "tmpfs")
        return self

    def __exit__(self, *_):
        for target in reversed(self.mounted):
            subprocess.run(["umount", "--lazy", str(target)], check=True)


class Builder:
    def __init__(self, context, folder, values, stages, caches):
        self.context, self.folder = Path(context), Path(folder)
        self.values, self.stages, self.caches = values, stages, Path(caches)
        self.done = {}
        patterns = (self.context / ".dockerignore").read_text().splitlines()
        self.ignored = [p.strip() for p in patterns if p.strip() and not p.startswith("#")]
        if any(pattern.startswith("!") for pattern in self.ignored):
            raise DockerfileError(".dockerignore: exceptions (!) are not known here")

    # ---- Trees

    def image(self, name):
        """Makes a stage with all that it needs; its tree, its settings and the key that names both."""
        if name not in self.done:
            self.done[name] = self.make_stage(self.stages[name]) if name in self.stages else self.make_base(name)
        return self.done[name]

    def make_base(self, name):
        match = re.fullmatch(r"debian:(\w+)-slim", name)
        if not match:
            raise DockerfileError(f"the base image {name} cannot be made here; debian:NAME-slim can")
        tree = self.folder / f"base-{match.group(1)}"
        if not (self.folder / f"{tree.name}.complete").exists():
            say(f"debootstrap makes {name}")
            self.remove(tree)
            self.debootstrap(match.group(1), tree)
            (self.folder / f"{tree.name}.complete").touch()
        return tree, Image(), tree.name

    def debootstrap(self, suite, tree):
        archive, security = mirrors()
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(tree), archive], check=True,
                       stdout=subprocess.DEVNULL)
        sources = [f"deb {archive} {suite} main", f"deb {archive} {suite}-updates main"]
        if security:
            sources.append(f"deb {security} {suite}-security main")
        (tree / "etc/apt/sources.list").write_text("\n".join(sources) + "\n")
        # As in the images: no service starts by itself, no documentation, no packages kept.
        policy = tree / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        (tree / "etc/dpkg/dpkg.cfg.d/slim").write_text(
            "force-unsafe-io\n" + "".join(f"path-exclude /usr/share/{name}/*\n" for name in SLIM_EXCLUDES)
            + "path-include /usr/share/doc/*/copyright\npath-include /usr/share/locale/locale.alias\n")
        for name in SLIM_EXCLUDES:
            for entry in sorted((tree / "usr/share" / name).rglob("*"), reverse=True):
                if not entry.is_dir() or entry.is_symlink():
                    if entry.name not in ("copyright", "locale.alias"):
                        entry.unlink()
                elif not any(entry.iterdir()):
                    entry.rmdir()
        for pattern in ("var/cache/apt/archives/*.deb", "var/lib/apt/lists/*_*", "var/log/*.log"):
            for entry in tree.glob(pattern):
                entry.unlink()

    def make_stage(self, stage):
        parent_tree, parent, parent_key = self.image(stage.base)
        image, key = deepcopy(parent), self.key_of(stage, parent_key)
        tree = self.folder / f"{stage.name}-{key}"
        complete = self.folder / f"{tree.name}.complete"
        fresh = not complete.exists()
        if fresh:
            say(f"stage {stage.name}, from {stage.base}")
            for old in self.folder.glob(f"{stage.name}-" + "[0-9a-f]" * 12):
                self.remove(old)
            subprocess.run(["cp", "-a", "--reflink=auto", str(parent_tree), str(tree)], check=True)
        else:
            say(f"stage {stage.name}: as it was")
        # A global argument is seen in a stage that declares it; ours is used in FROM only.
        arguments = {}
        for instruction in stage.instructions:
            self.carry_out(instruction, tree, image, arguments, fresh)
        complete.touch()
        return tree, image, key

    def remove(self, tree):
        subprocess.run(["rm", "-rf", "--one-file-system", str(tree)], check=True)
        (self.folder / f"{tree.name}.complete").unlink(missing_ok=True)

    def key_of(self, stage, parent_key):
        digest = hashlib.sha256(parent_key.encode())
        for instruction in stage.instructions:
            digest.update(repr((instruction.word, sorted(instruction.flags.items()), instruction.rest)).encode())
            if instruction.word == "COPY" and "from" in instruction.flags:
                digest.update(self.image(instruction.flags["from"])[2].encode())
            elif instruction.word == "COPY":
                for path, _ in self.context_files(instruction.rest.split()[:-1]):
                    digest.update(str(path).encode() + b"\0" + (self.context / path).read_bytes())
        return digest.hexdigest()[:12]

    # ---- Instructions

    def carry_out(self, instruction, tree, image, arguments, fresh):
        values = {**image.environment, **arguments}
        if instruction.word == "ARG":
            name, _, value = instruction.rest.partition("=")
            arguments[name] = self.values.get(name, value)
        elif instruction.word == "WORKDIR":
            image.workdir = os.path.join(image.workdir, expand(instruction.rest, values))
            if fresh:
                (tree / image.workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif instruction.word == "COPY":
            if fresh:
                self.copy(instruction, tree, image, values)
        elif instruction.word == "RUN":
            if fresh:
                say(f"RUN {instruction.rest}")
                self.run(instruction, tree, image, arguments)
        elif not apply_setting(image, instruction, values):
            raise DockerfileError(f"line {instruction.line}: {instruction.word} has no meaning here")

    def is_ignored(self, path):
        """Docker's patterns: from the context's root on, a folder with all in it; **/ is any depth."""
        for ancestor in [path, *path.parents][:-1]:
            for pattern in self.ignored:
                free = pattern.removeprefix("**/")
                name = ancestor.name if free != pattern else str(ancestor)
                if name.count("/") == free.count("/") and fnmatch.fnmatchcase(name, free):
                    return True
        return False

    def context_files(self, sources):
        """Pairs of a file and where it goes below the target: a file by its name, a folder by its content."""
        found = []
        for source in sources:
            matches = [self.context / source] if source == "." else sorted(self.context.glob(source))
            if not matches:
                raise DockerfileError(f"COPY {source}: there is no such file")
            for match in matches:
                files = [match] if match.is_file() else sorted(f for f in match.rglob("*") if f.is_file())
                origin = match.parent if match.is_file() else match
                found += [(f.relative_to(self.context), f.relative_to(origin)) for f in files]
        return [pair for pair in found if not self.is_ignored(pair[0])]

    def copy(self, instruction, tree, image, values):
        *sources, target = expand(instruction.rest, values).split()
        folder = target.endswith("/") or target == "."
        destination = tree / os.path.normpath(os.path.join(image.workdir, target)).lstrip("/")
        if "from" in instruction.flags:
            (source,) = sources
            origin = self.image(instruction.flags["from"])[0] / source.lstrip("/")
            if origin.is_dir():
                destination.mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "-a", f"{origin}/.", str(destination)], check=True)
            else:
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(origin, destination)
            return
        for path, inside in self.context_files(sources):
            goal = destination / inside if folder else destination
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.context / path, goal)
            os.chown(goal, 0, 0)
            if "chmod" in instruction.flags:
                goal.chmod(int(instruction.flags["chmod"], 8))

    def run(self, instruction, tree, image, arguments):
        environment = {**image.environment, **arguments, "HOME": "/root"}
        environment.update({k: v for k, v in os.environ.items() if PASSED_ON.fullmatch(k)})
        with Mounts(tree) as mounts:
            mounts.mount("proc", "-t", "proc", "proc")
            host = mounts.mount("run/host", "-t", "tmpfs", "tmpfs")
            if CERTIFICATES.exists():
                shutil.copy(CERTIFICATES, host / "certificates.crt")
                environment.update(dict.fromkeys(("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"),
                                                 "/run/host/certificates.crt"))
            for path in ("/etc/pip.conf", "/etc/npmrc"):
                if Path(path).exists():
                    shutil.copy(path, host)
            if (host / "pip.conf").exists():
                environment["PIP_CONFIG_FILE"] = "/run/host/pip.conf"
            options = [line for line in output_of("apt-config", "dump").splitlines() if APT_OPTIONS.match(line)]
            (host / "apt.conf").write_text("\n".join(options) + "\n")
            environment["APT_CONFIG"] = "/run/host/apt.conf"
            self.mount_caches(instruction, mounts)
            self.with_resolver(tree, lambda: self.chroot(tree, image, environment, instruction))
        (tree / "run/host").rmdir()

    def mount_caches(self, instruction, mounts):
        if "mount" not in instruction.flags:
            return
        options = dict(part.partition("=")[::2] for part in instruction.flags["mount"].split(","))
        if set(options) != {"type", "id", "target"} or options["type"] != "cache":
            raise DockerfileError(f"line {instruction.line}: RUN --mount=type=cache,id=,target= is what is known here")
        cache = self.caches / options["id"]
        cache.mkdir(parents=True, exist_ok=True)
        mounts.mount(options["target"], "--bind", str(cache))

    @staticmethod
    def with_resolver(tree, step):
        """The host's /etc/resolv.conf while the step runs."""
        resolver = tree / "etc/resolv.conf"
        before = resolver.read_bytes() if resolver.exists() else None
        shutil.copy("/etc/resolv.conf", resolver)
        try:
            step()
        finally:
            if before is None:
                resolver.unlink(missing_ok=True)
            else:
                resolver.write_bytes(before)

    @staticmethod
    def chroot(tree, image, environment, instruction):
        user = [f"--userspec={image.user}"] if image.user else []
        words = [f"{name}={value}" for name, value in environment.items()]
        status = subprocess.run(["chroot", *user, str(tree), "/usr/bin/env", "-i", *words, "/bin/sh", "-c",
                                 'cd "$0" && exec /bin/sh -c "$1"', image.workdir, instruction.rest]).returncode
        if status:
            raise DockerfileError(f"line {instruction.line}: RUN ended with {status}")
