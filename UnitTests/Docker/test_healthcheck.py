# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the container's health check says of an answer; curl is played by a script."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CURL = """#!/bin/sh
cat "$(dirname "$0")/answer"
case "$*" in *write-out*) printf '\\n%s' {code} ;; esac
case "$*" in *--fail*) [ {code} -lt 400 ] || exit 22 ;; esac
exit {ending}
"""

pytestmark = pytest.mark.skipif(not shutil.which("jq"), reason="needs jq")


@pytest.fixture
def check(tmp_path):
    """check(code, body, ending): the exit code, and what the check says."""
    def run(code, body, ending=0):
        (tmp_path / "answer").write_text(body if isinstance(body, str) else json.dumps(body) + "\n", encoding="utf-8")
        (tmp_path / "curl").write_text(CURL.format(code=code, ending=ending), encoding="utf-8")
        (tmp_path / "curl").chmod(0o755)
        result = subprocess.run([ROOT / "Docker" / "healthcheck.sh"], capture_output=True, text=True, check=False,
                                env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
        return result.returncode, result.stdout
    return run


@pytest.mark.parametrize("state", ["ready", "starting", "waiting", "stopped"])
def test_an_engine_that_the_plugin_sees_to_is_well(check, state):
    assert check(200, {"engine": {"state": state}}) == (0, f"engine: {state}\n")


def test_an_engine_that_was_given_up_is_not_and_its_error_is_said(check):
    code, said = check(200, {"engine": {"state": "given-up", "last_error": "no such file"}})
    assert code == 1 and "given-up" in said and "no such file" in said


def test_a_database_that_is_away_is_no_fault_of_the_container(check):
    code, said = check(503, {"HttpStatus": 503, "Message": "the database does not answer"})
    assert code == 0 and "503: the database does not answer" in said


@pytest.mark.parametrize("message", ["the plugin is starting", "the plugin could not start: ", "Orthanc is stopping"])
def test_a_plugin_that_is_not_there_is_no_health(check, message):
    assert f'"{message}"' in (ROOT / "Plugin" / "Runtime.cpp").read_text(encoding="utf-8")
    code, said = check(503, {"HttpStatus": 503, "Message": message})
    assert code == 1 and message.strip() in said


@pytest.mark.parametrize("code, body, ending", [(401, "", 0), (403, {"Message": "viewer is needed"}, 0), (503, "", 0),
                                                (404, {"Message": "Unknown resource"}, 0), (500, "<html>", 0), ("000", "", 7)])
def test_any_other_answer_and_none_is_no_health(check, code, body, ending):
    assert check(code, body, ending)[0] != 0
