# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The law itself is tested: a tree that breaks it is caught, and this repository does not break it."""

import re
from pathlib import Path

import pytest

from check_layers import check

ROOT = Path(__file__).parents[2]
SPDX = "// SPDX-FileCopyrightText: 2026 X\n// SPDX-License-Identifier: GPL-3.0-or-later\n"


def tree(folder, path, text):
    file = folder / path
    file.parent.mkdir(parents=True)
    file.write_text(SPDX + text)
    return folder


def test_this_repository_keeps_the_law():
    assert check(ROOT) == []


@pytest.mark.parametrize("path, line, expected", [
    ("Inference/Protocol/A.cpp", '#include "Inference/Network/B.h"', "Inference/Protocol may not include Inference"),
    ("Inference/Protocol/A.cpp", "#include <torch/torch.h>", "may not see torch/"),
    ("Inference/Preprocess/A.h", '#include "Inference/Network/B.h"', "Inference/Preprocess may not include Inference"),
    ("Inference/Phantom/A.cpp", "#include <ATen/ATen.h>", "may not see ATen/"),
    ("Inference/Serve/A.cpp", '#include "Plugin/Routing/B.h"', "Inference may not include Plugin"),
    ("Inference/Serve/A.cpp", '#include "Training/Data/B.h"', "Inference may not include Training"),
    ("Training/Data/A.cpp", '#include "Plugin/Routing/B.h"', "Training may not include Plugin"),
    ("Training/Statistics/A.cpp", '#include "Training/Data/B.h"', "Training/Statistics may not include Training"),
    ("Training/Statistics/A.cpp", "#include <torch/torch.h>", "may not see torch/"),
    ("Plugin/Routing/A.cpp", '#include "Inference/Network/B.h"', "Plugin may not include Inference"),
    ("Plugin/Routing/A.cpp", "#include <orthanc/OrthancCPlugin.h>", "may not see orthanc/"),
    ("Plugin/Engine/A.cpp", "#include <soci/soci.h>", "may not see soci/"),
    ("Plugin/Routing/A.cpp", '#include "B.h"', "not written from the root"),
    ("Plugin/Routing/A.h", "class A;", "#pragma once"),
    ("Plugin/Routing/A.cpp", "//" + "x" * 120, "columns"),
    ("Plugin/Routing/A.cpp", "\n" * 400, "lines, the limit"),
])
def test_a_breach_is_named(tmp_path, path, line, expected):
    found = check(tree(tmp_path, path, line + "\n"))
    assert any(expected in text for _, _, text in found), found


@pytest.mark.parametrize("path, line", [
    ("Inference/Main.cpp", '#include "Training/Trainers/B.h"'),
    ("Plugin/Routing/A.cpp", '#include "Inference/Protocol/B.h"'),
    ("Plugin/WorkState/A.cpp", "#include <soci/soci.h>"),
    ("Inference/Network/A.cpp", "#include <torch/torch.h>"),
])
def test_what_the_law_allows_passes(tmp_path, path, line):
    assert check(tree(tmp_path, path, line + "\n")) == []


def test_files_named_in_a_folder_readme_exist():
    missing = []
    for readme in [*ROOT.glob("*/README.md"), *ROOT.glob("*/*/README.md"), *ROOT.glob("Resources/Notes/*.md")]:
        for name in re.findall(r"`([\w./-]+\.(?:h|cpp|cu|py|sh|json|txt|cmake|sql))`", readme.read_text()):
            if readme.parent.name == "Notes" and "/" not in name:
                continue   # a file format, not a file of ours
            if not (readme.parent / name).exists() and not (ROOT / name).exists():
                missing.append(f"{readme.relative_to(ROOT)}: {name}")
    assert missing == []
