# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that openapi.json allows, and that it does not, made by schemathesis: whatever is asked, no answer is a server's error
and the server serves on. As an administrator, so that no refusal of access stands before what is tried."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

SECONDS = 45   # for each of the two
# What starts the engine anew: others are told that it is not ready, with the status that openapi.json names. An upload is a ZIP,
# which schemathesis cannot make: test_models.py and the fuzzer do.
LEFT_OUT = ("restartEngine", "promoteModel", "rollBackModel", "uploadModel")


@pytest.fixture(scope="module")
def known(pacs):
    """Identifiers that exist, by the names that paths give them."""
    study = pacs.make_phantom(seed=1)["study"]
    case = pacs.wait_for_case(study, "done")
    model = pacs.client.get("/h3k27m/models")["models"][0]["name"]
    return {"study": study, "series": case["series"], "name": model, "id": case["id"]}


@pytest.mark.parametrize("with_known_identifiers", [False, True])
def test_no_request_is_a_server_error(pacs, known, tmp_path, with_known_identifiers):
    settings = tmp_path / "schemathesis.toml"
    lines = [f'"path.{name}" = "{value}"' for name, value in known.items()] if with_known_identifiers else []
    settings.write_text("\n".join(["[parameters]", *lines, ""]))
    left_out = [part for operation in LEFT_OUT for part in ("--exclude-operation-id", operation)]
    tool = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run([tool, "--config-file", settings, "run", f"{pacs.client.url}/h3k27m/openapi.json", "--url",
                           f"{pacs.client.url}/h3k27m", "--phases", "coverage,fuzzing", "--checks", "not_a_server_error",
                           "--max-time", str(SECONDS), "--max-examples", "20", "--seed", "1", "--request-timeout", "60",
                           "--no-color", *left_out], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert requests.get(f"{pacs.client.url}/h3k27m/status", timeout=60).json()["engine"]["state"] in ("ready", "starting")
