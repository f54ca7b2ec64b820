# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of test.sh: what one looks at is built when it runs alone. What a step calls is played by functions of the shell."""

import os
import subprocess
from pathlib import Path

import pytest

STEPS = Path(__file__).resolve().parents[2] / "Resources" / "setup" / "test-steps.sh"
PLAYED = """
set -euo pipefail
REPOSITORY="$PWD" LOGS="$PWD" CACHE="$PWD" PYTHON=played TOOLS="$PWD"
source "$0"
configure_and_build() { echo "built $*"; }
make_environment() { echo "$PWD"; }
played() { echo tried; }
ctest() { played; }
cmake() { played; }
"$1"
"""


@pytest.fixture
def run(tmp_path):
    """run(function, only): what it said, line by line, and how it ended."""
    for script in ("UnitTests/Layering/check_links.sh", "Resources/install-ohif.sh", "Resources/campaign.sh"):
        (tmp_path / script).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / script).write_text("#!/bin/sh\necho tried\n", encoding="utf-8")
        (tmp_path / script).chmod(0o755)

    def call(function, only=""):
        result = subprocess.run(["bash", "-c", PLAYED, STEPS, function], cwd=tmp_path, env={**os.environ, "ONLY": only},
                                capture_output=True, text=True, check=False)
        return result.stdout.splitlines(), result.returncode

    return call


@pytest.mark.parametrize("step", ["links", "unit", "database", "install", "python", "integration", "experiment", "campaign"])
def test_a_step_that_runs_alone_builds_first_and_in_a_whole_run_does_not(run, step):
    alone, status = run(f"step_{step}", only=step)
    assert status == 0 and alone[0] == "built release all" and "tried" in alone[1:]
    whole, status = run(f"step_{step}")
    assert status == 0 and "tried" in whole and not [line for line in whole if line.startswith("built")]


def test_what_a_merge_left_is_found_without_a_repository(run, tmp_path):
    assert run("find_no_merge_marks") == ([], 0)
    (tmp_path / "README.md").write_text("text\n" + "<" * 7 + " ours\n", encoding="utf-8")
    found, status = run("find_no_merge_marks")
    assert status != 0 and "README.md:2" in found[0]


def test_a_search_that_cannot_look_is_none_that_found_nothing(run, tmp_path, monkeypatch):
    (tmp_path / "grep").write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    (tmp_path / "grep").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert run("find_no_merge_marks")[1] != 0
