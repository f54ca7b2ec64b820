# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources/examples/ablate_on_one_machine.py with a program in the engine's place: order, faults and signals."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "Resources" / "examples" / "ablate_on_one_machine.py"
# Two encoders and twenty models. A unit says that it was begun, and then does what the test wants.
ENGINE = """#!/bin/bash
said="$*"
case " $said " in
  *" --list-units "*) for i in $(seq 0 21); do [ "$i" -lt 2 ] && echo "$i encoder-fold-$i" || echo "$i model-$i"; done ;;
  *" --unit "*) unit="${said##*--unit }"; echo "$unit" >>"$(dirname "$0")/begun"; BEHAVIOUR ;;
  *) echo merged >>"$(dirname "$0")/begun"; echo '{"models": []}' ;;
esac
"""
SECONDS = 20


@pytest.fixture
def start(tmp_path):
    begun = []

    def begin(behaviour):
        engine = tmp_path / "engine"
        engine.write_text(ENGINE.replace("BEHAVIOUR", behaviour))
        engine.chmod(0o755)
        command = [sys.executable, SCRIPT, "--engine", engine, "--output", tmp_path / "run", "--dataset", tmp_path,
                   "--at-once", "2"]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return begun[-1]
    yield begin
    for process in begun:
        process.kill()


def read_begun(folder):
    path = folder / "begun"
    return path.read_text().split() if path.exists() else []


def test_models_follow_all_encoders_and_merge_comes_last(start, tmp_path):
    process = start("exit 0")
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors
    begun = read_begun(tmp_path)
    assert sorted(begun[:2]) == ["0", "1"] and len(begun) == 23 and begun[-1] == "merged"


def test_a_unit_that_fails_is_the_last_but_for_what_runs_beside_it(start, tmp_path):
    process = start('[ "$unit" != 4 ] && exit 0; echo no memory >&2; exit 5')
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1 and "no memory" in errors and "--unit 4" in errors
    assert len(read_begun(tmp_path)) < 22


def test_a_signal_ends_it_without_the_units_that_wait(start, tmp_path):
    process = start("exec sleep 60")
    deadline = time.monotonic() + SECONDS
    while len(read_begun(tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1 and "stopped" in errors
    assert len(read_begun(tmp_path)) == 2
