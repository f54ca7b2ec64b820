#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs clang-tidy over Inference/, Training/ and Plugin/, as many files at once as there are processors.

A file that passed is not looked at again until it, a header that it includes, its compile command, .clang-tidy or
clang-tidy itself changes: what passed is remembered below the cache folder, by the hash of all of these. Needs a
finished Ninja build, which knows each file's headers. Prints what clang-tidy says; exits 1 when it says anything.
"""

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {"Inference", "Training", "Plugin"}
PRECOMPILED = ROOT / "Inference/Network/TorchPch.h"
# The compile commands are GCC's, and so are some names of warnings in them and the precompiled header.
EXTRA = ["--quiet", "--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-gch"]


@lru_cache(maxsize=None)
def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def portable(text):
    """Another clone finds what this one checked."""
    return str(text).replace(str(ROOT), "")


def read_headers(build):
    """Object file -> the headers that its last compilation read, from Ninja's own record."""
    output = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True).stdout
    headers, current = {}, None
    for line in output.splitlines():
        if line.startswith("    "):
            headers[current].append(os.path.normpath(build / line.strip()))
        elif ": #deps" in line:
            current = line.split(": #deps")[0]
            headers[current] = []
    return headers


def files_to_check(build):
    """(source, compile command, object) of each of our own translation units, the tests' aside."""
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        source = Path(entry["file"])
        if source.suffix == ".cpp" and source.is_relative_to(ROOT) and source.relative_to(ROOT).parts[0] in LAYERS:
            words = shlex.split(entry["command"])
            yield source, entry["command"], words[words.index("-o") + 1]


def make_key(tool, source, command, headers):
    # What comes by way of the precompiled header is not on record: it is LibTorch, whose version is in the command's
    # paths, and what our own header there names.
    content = sorted((portable(header), digest(header)) for header in {*headers, str(PRECOMPILED)})
    facts = [tool, EXTRA, digest(ROOT / ".clang-tidy"), portable(source), portable(command), content]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder of a finished build")
    parser.add_argument("--tool", required=True, help="clang-tidy")
    parser.add_argument("--cache", type=Path, required=True, help="where to remember what passed")
    options = parser.parse_args()
    build = options.build.resolve()
    version = subprocess.run([options.tool, "--version"], check=True, capture_output=True, text=True).stdout
    headers = read_headers(build)
    options.cache.mkdir(parents=True, exist_ok=True)

    def check(unit):
        source, command, output = unit
        # Without a record of its headers a file is always looked at.
        known = headers.get(output)
        passed = options.cache / make_key(version, source, command, known) if known else None
        if passed and passed.exists():
            return None
        run = subprocess.run([options.tool, *EXTRA, "-p", build, source], capture_output=True, text=True, check=False)
        if run.returncode == 0 and passed:
            passed.touch()
        return source, run.returncode, run.stdout + (run.stderr if run.returncode and not run.stdout else "")

    units = sorted(set(files_to_check(build)))
    failed = looked = 0
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for outcome in pool.map(check, units):
            if outcome:
                looked += 1
                if outcome[1]:
                    failed += 1
                    print(f"{portable(outcome[0])[1:]}\n{outcome[2]}", flush=True)
    print(f"{len(units)} files, {looked} looked at, {failed} with findings")
    return 1 if failed or not units else 0


if __name__ == "__main__":
    sys.exit(main())
