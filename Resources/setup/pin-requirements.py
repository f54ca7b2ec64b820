#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the pinned requirements-*.txt beside this file, with the hash of every wheel, from the wishes below.

A developer runs this after changing a wish, for all files or those named (pin-requirements.py onnx tools); nobody else needs
to. pip resolves each wish for Python 3.11 (Debian 12) and
3.13 (Debian 13) from the registry's metadata, without downloading the wheels (pip 23.1 or newer).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
PYTHONS = {"cp311": "3.11", "cp313": "3.13"}

# The C++ distribution alone: torch/lib/libtorch_cpu.so needs two CUDA libraries beside it even without a GPU. The
# versions of the CUDA libraries are those that the wheel's own metadata names.
LIBTORCH = ["torch==2.15.0"]
LIBTORCH_SLIM = [*LIBTORCH, "nvidia-cuda-runtime==13.2.*", "nvidia-cuda-cupti==13.2.*"]
# nvcc on a machine without the CUDA Toolkit: compiles Inference/Cuda, no GPU needed.
CUDA_COMPILER = ["nvidia-cuda-nvcc==13.2.*", "nvidia-cuda-crt==13.2.*", "nvidia-cuda-cccl==13.2.*",
                 "nvidia-cuda-runtime==13.2.*", "nvidia-nvvm==13.2.*"]
TEST = [
    "pytest", "pytest-timeout", "pytest-xdist",
    "requests",                               # REST
    "playwright",                             # steers Debian's Chromium through the dashboard
    "axe-playwright-python",                  # finds what keyboards, screen readers and weak eyes stumble over
    "pydicom", "highdicom", "pynetdicom",     # independent readers of SEG and SR; C-STORE and C-ECHO
    "dcmqi",                                  # another reader of SEG: that of 3D Slicer
    "bids-validator-deno",                    # the community's own judge of data sets
    "nibabel", "pillow",                      # independent writers of masks: NIfTI; LabelMe draws with Pillow
    "pylibjpeg", "pylibjpeg-openjpeg", "pyjpegls",   # make compressed test series
    "jsonschema", "openapi-spec-validator",   # answers are held to openapi.json
    "schemathesis",                           # asks for what openapi.json allows, and for what it does not
    "numpy",
    "scikit-learn", "scipy",                  # Training/Statistics is held to them
]
# 3D Slicer's own reader of masks, without its window; vtk wants matplotlib for charts, which nobody draws here.
SLICER = ["slicer-core", "vtk==9.6.2", "numpy<2.5"]
# What the engine is measured against: the same wheel with all that a Python user installs.
PEER = [*LIBTORCH, "numpy", "safetensors", "pydicom", "highdicom", "requests"]
# Resources/export-onnx.sh; onnxruntime judges what it wrote.
ONNX = ["onnx", "onnxruntime", "numpy", "safetensors"]
TOOLS = ["clang-format==20.1.8", "clang-tidy==22.1.8"]   # Debian 12's own are of LLVM 14; 22: system headers cost nothing


def resolve(wishes, python, with_dependencies):
    """The (name, version, sha256) that pip would install for these wishes under this Python."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
                   "--only-binary=:all:", "--python-version", python, "--target", scratch, "--report", str(report)]
        if not with_dependencies:
            command.append("--no-deps")
        subprocess.run([*command, *wishes], check=True)
        packages = json.loads(report.read_text())["install"]
    return sorted((p["metadata"]["name"].lower(), p["metadata"]["version"],
                   p["download_info"]["archive_info"]["hashes"]["sha256"]) for p in packages)


def write(name, wishes, tags, with_dependencies=True):
    """One file for all the tags: a package whose wheels differ between Pythons gets a hash for each."""
    hashes = {}
    for tag in tags:
        for package, version, sha256 in resolve(wishes, PYTHONS[tag], with_dependencies):
            hashes.setdefault((package, version), {})[sha256] = tag
    lines = ["# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors", "# SPDX-License-Identifier: GPL-3.0-or-later",
             "# Written by pin-requirements.py. Wheels for x86_64 Linux."]
    for (package, version), by_hash in hashes.items():
        needed = "" if len(tags) == 1 else marker(package, version, hashes, tags)
        lines.append(" \\\n".join([f"{package}=={version}{needed}", *(f"    --hash=sha256:{h}" for h in by_hash)]))
    (FOLDER / f"requirements-{name}.txt").write_text("\n".join(lines) + "\n")


def marker(package, version, hashes, tags):
    """A condition for a version that only one of the Pythons takes."""
    others = [v for (p, v) in hashes if p == package and v != version]
    if not others:
        return ""
    newest = max([version, *others], key=lambda v: [int(part) if part.isdigit() else 0 for part in v.split(".")])
    return f'; python_version {">" if version == newest else "<"}= "{PYTHONS[tags[1 if version == newest else 0]]}"'


def main():
    both = list(PYTHONS)
    files = {f"libtorch-{tag}": (LIBTORCH_SLIM, [tag], False) for tag in both}
    files |= {f"libtorch-cuda-{tag}": (LIBTORCH, [tag]) for tag in both}
    files |= {"cuda-compiler": (CUDA_COMPILER, ["cp311"], False), "test": (TEST, both), "slicer": (SLICER, both, False),
              "peer": (PEER, both), "onnx": (ONNX, both), "tools": (TOOLS, both)}
    for name in sys.argv[1:] or files:
        write(name, *files[name])


if __name__ == "__main__":
    main()
