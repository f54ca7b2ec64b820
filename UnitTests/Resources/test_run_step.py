# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of test.sh fails at its first command that fails, whatever the commands after it say."""

import subprocess
from pathlib import Path

RUN_STEP = Path(__file__).resolve().parents[2] / "Resources" / "setup" / "run-step.sh"


def run(tmp_path, body):
    steps = tmp_path / "steps.sh"
    steps.write_text("helper() { false; true; }\nstep_tried() {\n" + body + "\n}\n", encoding="utf-8")
    return subprocess.run([RUN_STEP, steps, "tried"], capture_output=True, text=True, check=False)


def test_a_step_passes_when_all_its_commands_do(tmp_path):
    result = run(tmp_path, "true\necho done")
    assert (result.returncode, result.stdout) == (0, "done\n")


def test_a_command_that_fails_in_the_middle_fails_the_step(tmp_path):
    result = run(tmp_path, "false\necho done")
    assert (result.returncode, result.stdout) == (1, "")


def test_so_does_one_inside_a_function_that_the_step_calls(tmp_path):
    assert run(tmp_path, "helper\ntrue").returncode == 1


def test_so_does_the_first_of_a_pipe_and_a_name_that_is_not_set(tmp_path):
    assert run(tmp_path, "false | true\ntrue").returncode == 1
    assert run(tmp_path, 'echo "$NOT_SET_ANYWHERE"\ntrue').returncode != 0


def test_a_step_that_does_not_exist_fails(tmp_path):
    steps = tmp_path / "steps.sh"
    steps.write_text("true\n", encoding="utf-8")
    assert subprocess.run([RUN_STEP, steps, "tried"], capture_output=True, check=False).returncode != 0
