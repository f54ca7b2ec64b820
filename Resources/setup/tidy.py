#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs clang-tidy over Inference/, Training/ and Plugin/, as many files at once as there are processors.

Each file is looked at by itself, without the unity build's neighbours and without the precompiled header: it must name
all that it needs. Files that include LibTorch, whose headers take two thirds of the time and bring the standard library
with them, share one reading of these, several at once; where clang-tidy says anything about several, each is looked at by
itself after all. A file that passed is not looked at again until it, a header of ours that it includes, its compile
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
LIBTORCH = re.compile(r"^\s*#\s*include\s+<(torch|ATen|c10)/", re.MULTILINE)
TOGETHER = 6


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


def without_object(entry):
    """Its arguments. The object's name says in which batch of the unity build the file is."""
    return [word for word in entry["arguments"] if not word.endswith((".o", ".o.d"))]


def make_key(tool, entry):
    source = Path(entry["file"])
    content = sorted((portable(path), digest(path)) for path in {source, *own_headers(source)})
    facts = [tool, EXTRA, digest(ROOT / ".clang-tidy"), portable(without_object(entry)), content]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


@lru_cache(maxsize=None)
def names_libtorch(path):
    return LIBTORCH.search(path.read_text(encoding="utf-8")) is not None


def shares_reading(source):
    """Whether a file can be looked at together with others."""
    return any(names_libtorch(path) for path in {source, *own_headers(source)})


def make_groups(units):
    """Lists of units that one run of clang-tidy looks at: of one folder, compiled alike."""
    alike = {}
    for entry in units:
        source = Path(entry["file"])
        words = [word for word in without_object(entry) if word != entry["file"]]
        alike.setdefault((source.parent, *words) if shares_reading(source) else source, []).append(entry)
    return [group[i:i + TOGETHER] for group in alike.values() for i in range(0, len(group), TOGETHER)]


def join(group, folder):
    """A group's files in one. Pasted, not included: clang's analyzer does not look into a .cpp that is included."""
    name = "-".join([*Path(group[0]["file"]).relative_to(ROOT).parent.parts, Path(group[0]["file"]).stem])
    joined = Path(folder) / f"{name}.cpp"
    joined.write_text("\n".join(Path(entry["file"]).read_text(encoding="utf-8") for entry in group), encoding="utf-8")
    return {**group[0], "file": str(joined),
            "arguments": [str(joined) if word == group[0]["file"] else word for word in group[0]["arguments"]]}


class Tidy:
    """clang-tidy, the folder of its compile_commands.json, and the folder where what passed is remembered."""

    def __init__(self, tool, folder, cache):
        self.tool = tool
        self.folder = folder
        self.cache = cache
        self.version = subprocess.run([tool, "--version"], check=True, capture_output=True, text=True).stdout

    def get_mark(self, entry):
        """The file that stands for having passed."""
        return self.cache / make_key(self.version, entry)

    def has_passed(self, entry):
        return self.get_mark(entry).exists()

    def run(self, file):
        """(exit status, what it said)"""
        run = subprocess.run([self.tool, *EXTRA, f"--config-file={ROOT / '.clang-tidy'}", "-p", self.folder, file],
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + (run.stderr if run.returncode and not run.stdout else "")

    def look_at_one(self, entry):
        status, said = self.run(entry["file"])
        if not status:
            self.get_mark(entry).touch()
        return entry["file"], status, said

    def look_at(self, group, joined):
        """[(file, exit status, what it said)] of a group, which is one file where `joined` is None."""
        if joined and not self.run(joined["file"])[0]:
            for entry in group:
                self.get_mark(entry).touch()
            return [(entry["file"], 0, "") for entry in group]
        return [self.look_at_one(entry) for entry in group]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder of a finished build")
    parser.add_argument("--tool", required=True, help="clang-tidy")
    parser.add_argument("--cache", type=Path, required=True, help="where to remember what passed")
    parser.add_argument("files", nargs="*", type=Path, help="look at these only")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    wanted = {str(path.resolve()) for path in options.files}
    units = sorted(commands(options.build.resolve()), key=lambda entry: entry["file"])
    units = [entry for entry in units if not wanted or entry["file"] in wanted]
    failed = looked = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        tidy = Tidy(options.tool, folder, options.cache)
        groups = make_groups([entry for entry in units if not tidy.has_passed(entry)])
        joined = [join(group, folder) if len(group) > 1 else None for group in groups]
        database = json.dumps(units + [unit for unit in joined if unit])
        (Path(folder) / "compile_commands.json").write_text(database, encoding="utf-8")
        for outcome in pool.map(tidy.look_at, groups, joined):
            for file, status, said in outcome:
                looked += 1
                if status:
                    failed += 1
                    print(f"{portable(file)[1:]}\n{said}", flush=True)
    print(f"{len(units)} files, {looked} looked at, {failed} with findings")
    return 1 if failed or not units else 0


if __name__ == "__main__":
    sys.exit(main())
