#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs clang-tidy over Inference/, Training/ and Plugin/, as many files at once as there are processors.

Each file is looked at by itself, without the unity build's neighbours and without the precompiled header: it must name
all that it needs. A file that passed is not looked at again until it, a header of ours that it includes, its compile
command, .clang-tidy or clang-tidy itself changes: what passed is remembered below the cache folder, by the hash of all
of these. Needs a finished build (headers that the build makes). Prints what clang-tidy says; exits 1 when it says
anything.
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {"Inference", "Training", "Plugin"}
# The compile commands are GCC's, and so are some names of warnings in them.
EXTRA = ["--quiet", "--extra-arg=-Wno-unknown-warning-option"]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


@lru_cache(maxsize=None)
def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def portable(text):
    """Another clone finds what this one checked."""
    return str(text).replace(str(ROOT), "")


@lru_cache(maxsize=None)
def direct_headers(path):
    """Ours alone: they are named from the root. Others are the system's, whose versions are in the command's paths."""
    names = INCLUDE.findall(Path(path).read_text(encoding="utf-8"))
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def own_headers(source):
    found, waiting = set(), [source]
    while waiting:
        for header in direct_headers(waiting.pop()):
            if header not in found:
                found.add(header)
                waiting.append(header)
    return found


def read_unity(source):
    """The files that one of CMake's unity files includes."""
    return [Path(name) for name in INCLUDE.findall(source.read_text(encoding="utf-8"))]


def without_what_is_gccs(words):
    """Its -include .../cmake_pch.hxx, what CMake adds for it, and OpenMP, whose omp.h clang has not."""
    kept, skips = [], False
    for word in words:
        if skips:
            skips = False
        elif word == "-include":
            skips = True
        elif word not in ("-Winvalid-pch", "-fopenmp"):
            kept.append(word)
    return kept


def commands(build):
    """{file, directory, arguments} of each of our own files, the tests' aside."""
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        compiled = Path(entry["file"])
        files = read_unity(compiled) if "/Unity/unity_" in entry["file"] else [compiled]
        words = without_what_is_gccs(shlex.split(entry["command"]))
        for source in files:
            if (source.suffix == ".cpp" and source.is_relative_to(ROOT)
                    and source.relative_to(ROOT).parts[0] in LAYERS):
                arguments = [str(source) if word == entry["file"] else word for word in words]
                yield {"file": str(source.resolve()), "directory": entry["directory"], "arguments": arguments}


def make_key(tool, entry):
    source = Path(entry["file"])
    content = sorted((portable(path), digest(path)) for path in {source, *own_headers(source)})
    # The object's name says in which batch of the unity build the file is.
    words = [word for word in entry["arguments"] if not word.endswith((".o", ".o.d"))]
    facts = [tool, EXTRA, digest(ROOT / ".clang-tidy"), portable(words), content]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder of a finished build")
    parser.add_argument("--tool", required=True, help="clang-tidy")
    parser.add_argument("--cache", type=Path, required=True, help="where to remember what passed")
    parser.add_argument("files", nargs="*", type=Path, help="look at these only")
    options = parser.parse_args()
    version = subprocess.run([options.tool, "--version"], check=True, capture_output=True, text=True).stdout
    options.cache.mkdir(parents=True, exist_ok=True)
    wanted = {str(path.resolve()) for path in options.files}
    units = sorted(commands(options.build.resolve()), key=lambda entry: entry["file"])
    units = [entry for entry in units if not wanted or entry["file"] in wanted]

    def check(entry):
        passed = options.cache / make_key(version, entry)
        if passed.exists():
            return None
        run = subprocess.run([options.tool, *EXTRA, "-p", folder, entry["file"]], capture_output=True, text=True,
                             check=False)
        if run.returncode == 0:
            passed.touch()
        return entry["file"], run.returncode, run.stdout + (run.stderr if run.returncode and not run.stdout else "")

    failed = looked = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        (Path(folder) / "compile_commands.json").write_text(json.dumps(units), encoding="utf-8")
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
