# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A model that was exported as ONNX answers as the engine does, in a program that knows nothing of the engine."""

import json
import os
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
ENGINE = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release")) / "h3k27m"
MODEL = REPOSITORY / "Resources" / "Models" / "phantom-demonstration"
CARD = json.loads((MODEL / "card.json").read_text(encoding="utf-8"))
EXPORT = REPOSITORY / "Resources" / "onnx" / "export_onnx.py"
RUN = Path(__file__).with_name("run_onnx.py")

pytestmark = pytest.mark.skipif("H3K27M_ONNX_PYTHON" not in os.environ,
                                reason="the environment with onnx is not named (Resources/test.sh --only python does)")


def run(*command, check=True):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=check, timeout=300)


def in_onnx(*command, check=True):
    return run(os.environ["H3K27M_ONNX_PYTHON"], *command, check=check)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    in_onnx(EXPORT, MODEL, path)
    return path


@pytest.fixture(scope="module")
def found(exported, tmp_path_factory):
    """How far onnxruntime's answers are from the engine's, and what the file says of itself."""
    folder = tmp_path_factory.mktemp("answers")
    given, answer = folder / "input.safetensors", folder / "answer.safetensors"
    in_onnx(RUN, "input", CARD["input_size"], given)
    run(ENGINE, "forward", "--weights", MODEL / "model.safetensors", "--input", given, "--output", answer)
    return json.loads(in_onnx(RUN, "compare", exported, given, answer).stdout)


def test_onnxruntime_computes_what_the_engine_computes(found):
    assert found["range"] > 1, "images that tell nothing apart"
    assert found["genotype"] < 1e-3 and found["mask"] < 1e-3, found


def test_the_file_says_what_it_is(found):
    metadata = found["metadata"]
    assert "Research use only" in metadata["notice"]
    assert json.loads(metadata["preprocessing"]) == CARD["preprocessing"]
    assert float(metadata["threshold"]) == CARD["threshold"]


def test_what_is_no_such_model_is_refused(tmp_path):
    answer = in_onnx(EXPORT, tmp_path, tmp_path / "model.onnx", check=False)
    assert answer.returncode == 1 and "has no card.json" in answer.stderr
    assert not (tmp_path / "model.onnx").exists()
