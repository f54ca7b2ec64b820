#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the include law and the size limits of the sources; prints each breach and exits 1 when there is one.

Data goes one way and so do includes: they are written from the repository's root, so a line of text shows the layer.
"""

import re
import sys
from pathlib import Path

# Layer -> the layers it may include. The longest matching prefix of a path is its layer.
MAY_INCLUDE = {
    "Inference/Protocol": {"Inference/Protocol"},
    "Inference/Preprocess": {"Inference/Protocol", "Inference/Preprocess"},
    "Inference/Phantom": {"Inference/Protocol", "Inference/Preprocess", "Inference/Phantom"},   # writes NIfTI
    "Inference": {"Inference/Protocol", "Inference/Preprocess", "Inference/Phantom", "Inference"},
    "Training/Statistics": {"Inference/Protocol", "Inference/Phantom", "Training/Statistics"},   # RandomSource.h
    "Training/Folds": {"Inference/Protocol", "Inference/Phantom", "Training/Folds"},
    "Training": {"Inference/Protocol", "Inference/Preprocess", "Inference/Phantom", "Inference", "Training/Statistics",
                 "Training/Folds", "Training"},
    "Plugin": {"Inference/Protocol", "Plugin"},
}
# The binary is put together here, so the training commands are named here.
EXCEPTIONS = {"Inference/Main.cpp"}
EXCEPTION_FOLDERS = ("Inference/Commands/",)

# Header prefix -> the only folders that may see it.
FOREIGN = {
    "torch/": ("Inference/", "Training/"),
    "ATen/": ("Inference/", "Training/"),
    "c10/": ("Inference/", "Training/"),
    "orthanc/": ("Plugin/Orthanc/", "Plugin/Plugin.cpp"),
    "dcmtk/": ("Plugin/",),
    "soci/": ("Plugin/WorkState/",),
}
TORCH_FREE = ("Inference/Protocol/", "Inference/Preprocess/", "Inference/Phantom/", "Training/Statistics/",
              "Training/Folds/")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
SPDX = ("// SPDX-FileCopyrightText: ", "// SPDX-License-Identifier: GPL-3.0-or-later")
LIMIT_LINES = {".h": 150, ".cpp": 400, ".cu": 400, ".cuh": 150}
LIMIT_COLUMNS = 120


def layer_of(path):
    fitting = [layer for layer in MAY_INCLUDE if path.startswith(layer + "/")]
    return max(fitting, key=len) if fitting else None


def breaches_of_include(path, quote, header):
    layer = layer_of(path)
    excepted = path in EXCEPTIONS or path.startswith(EXCEPTION_FOLDERS)
    target = layer_of(header)
    if target and quote == "<":
        yield f'own header in angle brackets: <{header}>'
    if target and layer and target not in MAY_INCLUDE[layer] and not (excepted and target.startswith("Training")):
        yield f"{layer} may not include {target}: {header}"
    if quote == '"' and not target and "/" not in header:
        yield f'own header not written from the root: "{header}"'
    for prefix, folders in FOREIGN.items():
        if header.startswith(prefix):
            if not path.startswith(folders) or (prefix in ("torch/", "ATen/", "c10/") and path.startswith(TORCH_FREE)):
                yield f"this folder may not see {header}"


def breaches_of_file(root, file):
    path = file.relative_to(root).as_posix()
    lines = file.read_text(encoding="utf-8").splitlines()
    if [line[:len(mark)] for line, mark in zip(lines, SPDX)] != list(SPDX):
        yield path, 1, "the two SPDX lines are missing"
    if file.suffix == ".h" and "#pragma once" not in lines:
        yield path, 1, "#pragma once is missing"
    if len(lines) > LIMIT_LINES[file.suffix]:
        yield path, len(lines), f"{len(lines)} lines, the limit is {LIMIT_LINES[file.suffix]}"
    for number, line in enumerate(lines, 1):
        if len(line) > LIMIT_COLUMNS:
            yield path, number, f"{len(line)} columns, the limit is {LIMIT_COLUMNS}"
        match = INCLUDE.match(line)
        if match:
            for breach in breaches_of_include(path, *match.groups()):
                yield path, number, breach


def check(root):
    """All breaches below `root`, as (path, line, text)."""
    root = Path(root)
    return [breach
            for folder in ("Inference", "Training", "Plugin")
            for file in sorted((root / folder).rglob("*")) if file.suffix in LIMIT_LINES
            for breach in breaches_of_file(root, file)]


def main():
    found = check(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    for path, line, text in found:
        print(f"{path}:{line}: {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
