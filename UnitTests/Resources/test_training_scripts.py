# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts and job files that train on machines that no test has, as far as this one can tell."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

RESOURCES = Path(__file__).resolve().parents[2] / "Resources"
EXAMPLES = RESOURCES / "examples"
LIMIT_SECONDS = 60


def read_commands(path):
    """The lines of a shell script, those that go on joined."""
    return path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()


def exists(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_processes_of_a_training_end_with_the_script_that_started_them(tmp_path):
    engine = tmp_path / "engine"
    engine.write_text(f'#!/bin/sh\necho $$ >{tmp_path}/new-$RANK\nmv {tmp_path}/new-$RANK {tmp_path}/rank-$RANK\n'
                      f"exec sleep {LIMIT_SECONDS}\n", encoding="utf-8")
    engine.chmod(0o755)
    script = subprocess.Popen([EXAMPLES / "train-processes.sh"], env={**os.environ, "ENGINE": str(engine), "PROCESSES": "2"})
    end = time.monotonic() + LIMIT_SECONDS / 2
    while len(list(tmp_path.glob("rank-*"))) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    started = [int(path.read_text(encoding="utf-8")) for path in tmp_path.glob("rank-*")]
    script.send_signal(signal.SIGTERM)
    status = script.wait(timeout=LIMIT_SECONDS)
    left = [process for process in started if exists(process)]
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert (len(started), left, status) == (2, [], 130)


@pytest.mark.parametrize("file", ["ablation-kubernetes.yaml", "train-kubernetes.yaml"])
def test_the_user_of_the_image_can_write_to_the_volume_of_each_pod(file):
    text = (EXAMPLES / file).read_text(encoding="utf-8")
    pods = text.count("\n  template:\n")
    assert pods > 0 and text.count("\n      securityContext: {fsGroup: 8042, runAsNonRoot: true}\n") == pods
    dockerfile = (RESOURCES.parent / "Docker" / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE) == ["8042:8042"] * 2


def test_the_tasks_of_slurm_get_the_cores_that_the_job_asked_for():
    (command,) = [line for line in read_commands(EXAMPLES / "train-slurm.sh") if line.startswith("srun ")]
    assert '--cpus-per-task="$SLURM_CPUS_PER_TASK"' in command


def test_each_step_of_the_demonstration_model_is_told_the_device():
    commands = [line for line in read_commands(RESOURCES / "train-demonstration.sh") if line.startswith('"$ENGINE" ')]
    assert len(commands) == 3 and all('--device "$DEVICE"' in command for command in commands)
