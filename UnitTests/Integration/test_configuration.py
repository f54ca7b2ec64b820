# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong configuration stops the start-up and names the key; a model that lies is refused by the engine with a reason."""

import json
import os
import shutil
import struct
from pathlib import Path

import pytest
from orthanc_config import REPOSITORY, read_commented_json
from series_builder import make_series

MODEL = Path(os.environ.get("H3K27M_MODEL", REPOSITORY / "Resources" / "Models" / "phantom-demonstration"))


@pytest.mark.parametrize("key, section", [
    ("Triaje", {"Triaje": "on"}),
    ("Triage", {"Triage": "perhaps"}),
    ("Triage", {"Triage": 1}),
    ("Threads", {"Threads": -1}),
    ("Threads", {"Threads": "two"}),
    ("ConcurrentStudies", {"ConcurrentStudies": 0}),
    ("Threshold", {"Threshold": 1.5}),
    ("Device", {"Device": "tpu"}),
    ("EchoTimeMinimumMs", {"Routing": {"EchoTimeMinimumMs": -5}}),
    ("OrientationTolerance", {"Routing": {"OrientationTolerance": 5}}),
    ("MaxRows", {"Limits": {"MaxRows": 100000}}),
    ("AllowPhantoms", {"AllowPhantoms": "yes"}),
])
def test_a_wrong_key_stops_the_start_and_is_named(make_pacs, key, section):
    pacs = make_pacs(start=False, h3k27m=section)
    pacs.spawn()
    assert pacs.wait_for_exit() != 0
    complaint = [line for line in pacs.log().splitlines() if line.startswith("E") and key in line]
    assert complaint, pacs.log()[-2000:]


def test_with_an_empty_section_the_defaults_apply(make_pacs):
    pacs = make_pacs(start=False)
    pacs.configuration["H3K27M"] = {"Model": pacs.configuration["H3K27M"]["Model"]}
    pacs.start()
    status = pacs.client.get("/h3k27m/status")
    assert status["triage"] == "on"
    study = pacs.send_all(make_series())
    assert pacs.wait_for_case(study, "done")


def test_every_documented_default_is_accepted(make_pacs):
    """Resources/Configuration.json as it stands is a configuration that starts."""
    documented = read_commented_json(REPOSITORY / "Resources" / "Configuration.json")["H3K27M"]
    paths = ("Engine", "Model", "WorkStore")   # empty: found beside the plugin, which a build folder's model is not
    pacs = make_pacs(start=False, h3k27m={key: value for key, value in documented.items() if key not in paths})
    pacs.start()
    assert pacs.client.get("/h3k27m/status")["triage"] == documented["Triage"]


@pytest.fixture
def model(tmp_path):
    """A copy of the demonstration model that a test may damage: (folder, weights file)."""
    folder = tmp_path / "models" / "phantom-demonstration"
    shutil.copytree(MODEL, folder)
    return folder, folder / "model.safetensors"


def header_of(content):
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8:8 + length]), content[8 + length:]


def with_header(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def lie_about_length(content):
    return struct.pack("<Q", 1 << 62) + content[8:]


def lie_about_offsets(content):
    header, data = header_of(content)
    name = next(key for key in header if key != "__metadata__")
    header[name]["data_offsets"] = [0, 1 << 50]
    return with_header(header, data)


def lie_about_shape(content):
    header, data = header_of(content)
    name = next(key for key in header if key != "__metadata__")
    header[name]["shape"] = [1 << 31, 1 << 31, 1 << 31]
    return with_header(header, data)


@pytest.mark.parametrize("lie", [lie_about_length, lie_about_offsets, lie_about_shape,
                                 lambda content: content[:len(content) // 2], lambda content: b"",
                                 lambda content: content[:-1] + bytes([content[-1] ^ 1])],
                         ids=["length", "offsets", "shape", "truncated", "empty", "one-bit"])
def test_a_model_that_lies_is_refused_with_a_reason(make_pacs, model, lie):
    folder, weights = model
    weights.chmod(0o644)
    weights.write_bytes(lie(weights.read_bytes()))
    pacs = make_pacs(start=False, h3k27m={"Model": str(folder)})
    pacs.start(wait_for_engine=False)
    pacs.wait_until(lambda: pacs.engine()["state"] in ("waiting", "given-up"), 120, "an engine that refuses its model")
    assert pacs.engine()["last_error"]
    study = pacs.send_all(make_series())
    pacs.wait_until(lambda: pacs.client.get_case(study), what="a case")
    assert pacs.client.get_case(study)["state"] == "queued"
    assert pacs.results(study) == {"SEG": [], "SR": []}
