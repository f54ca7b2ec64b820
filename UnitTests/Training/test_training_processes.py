# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`h3k27m train` as processes: two that divide each batch, one of them that dies, and a disk that is full in mid-run.

H3K27M_BUILD names the build folder. Phantoms of 32 pixels and a quarter of the width: seconds.
"""

import json
import os
import resource
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).parents[2]
ENGINE = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release")) / "h3k27m"
# SGD, whose steps follow the gradient: AdamW's divide by it, so that rounding in the smallest gradients would show.
# What one and two processes make is compared after one step: rounding in float32 grows with each.
CONFIG = {"preset": "paper", "checkpoint_steps": 2, "network": {"input_size": 32, "width": 16},
          "training": {"batch": 4, "peak_rate": 0.003}}
SECONDS = 240       # no process may take longer, and a hang ends there
UNAVAILABLE = 5


def find_free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(folder, *options, steps=1, environment=None, **more):
    folder.mkdir(exist_ok=True)
    config = folder / "options.json"
    config.write_text(json.dumps({**CONFIG, "training": {**CONFIG["training"], "steps": steps}}))
    command = [ENGINE, "train", "--output", folder / "model", "--phantoms", "6", "--config", config, "--device", "cpu",
               "--threads", "1", "--bf16", "0", "--json", *options]
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **(environment or {})}, **more)


def start_two(folder, *options, steps=1):
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(find_free_port())}
    return [start(folder, *options, steps=steps, environment={**common, "RANK": str(rank)}) for rank in range(2)]


def finish(process):
    """(exit code, standard output, standard error)"""
    try:
        output, errors = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    return process.returncode, output, errors


def expect_done(process):
    code, output, errors = finish(process)
    assert code == 0, errors[-2000:]
    return output


def read_weights(folder):
    """The network's tensors of the last checkpoint, which are fp32."""
    blob = (folder / "model" / "run" / "checkpoint.safetensors").read_bytes()
    size = struct.unpack_from("<Q", blob)[0]
    header = json.loads(blob[8:8 + size])
    kinds = {"F32": np.float32, "I64": np.int64}
    return {name: np.frombuffer(blob[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]],
                                kinds[entry["dtype"]])
            for name, entry in header.items() if name.startswith("network.")}


def wait_for_checkpoint(folder, process):
    path = folder / "model" / "run" / "checkpoint.safetensors"
    deadline = time.monotonic() + SECONDS
    while not path.exists():
        assert process.poll() is None, process.communicate()[1][-2000:]
        assert time.monotonic() < deadline, "no checkpoint was written"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    expect_done(start(folder))
    return read_weights(folder)


@pytest.mark.parametrize("command", ["train", "pretrain"])
def test_no_card_speaks_of_shuffled_labels_that_were_not_shuffled(tmp_path, command):
    config = tmp_path / "control.json"
    config.write_text(json.dumps({"control": "permuted"}))
    done = subprocess.run([ENGINE, command, "--output", tmp_path / "model", "--phantoms", "2", "--config", config, "--device",
                           "cpu"], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode != 0 and "control is of cross-validate and ablate" in done.stderr
    assert not (tmp_path / "model").exists()


def test_two_processes_end_with_the_weights_of_one(tmp_path, alone):
    first, second = start_two(tmp_path)
    assert '"event":"model"' in expect_done(first)
    assert expect_done(second) == ""      # the first one prints
    together = read_weights(tmp_path)
    assert together.keys() == alone.keys()
    assert max(np.abs(tensor).max() for tensor in alone.values()) > 0.1
    for name, tensor in alone.items():
        tolerance = 1e-5 if ".running_" in name else 1e-6
        assert np.abs(together[name] - tensor).max() <= tolerance * max(1, np.abs(tensor).max()), name


def test_a_process_that_dies_stops_the_others_and_the_run_goes_on(tmp_path):
    steps = 60
    whole = tmp_path / "whole"
    for process in start_two(whole, steps=steps):
        expect_done(process)

    stopped = tmp_path / "stopped"
    first, second = start_two(stopped, steps=steps)
    wait_for_checkpoint(stopped, first)
    second.send_signal(signal.SIGKILL)
    begin = time.monotonic()
    code, _, errors = finish(first)
    finish(second)
    assert code == UNAVAILABLE
    assert "The process of rank 1 has left the training" in errors
    assert time.monotonic() - begin < 60
    assert not (stopped / "model" / "card.json").exists()

    for process in start_two(stopped, "--resume", steps=steps):
        expect_done(process)
    expected = read_weights(whole)
    for name, tensor in read_weights(stopped).items():
        assert np.array_equal(tensor, expected[name]), name


def test_processes_with_other_options_are_refused(tmp_path):
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(find_free_port())}
    first = start(tmp_path / "a", environment={**common, "RANK": "0"})
    second = start(tmp_path / "b", "--seed", "7", environment={**common, "RANK": "1"})
    for process in (first, second):
        code, _, errors = finish(process)
        assert code == 3
        assert "rank 1 has another configuration or other data" in errors


def test_a_command_of_one_process_says_so(tmp_path):
    environment = {**os.environ, "WORLD_SIZE": "2", "RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}
    result = subprocess.run([ENGINE, "cross-validate", "--output", tmp_path / "run", "--dataset", tmp_path],
                            env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert result.returncode == 3
    assert "WORLD_SIZE says 2" in result.stderr
    assert not (tmp_path / "run").exists()


def let_writes_fail():
    # Without it the kernel ends a process whose file grows beyond its limit, which no full disk does.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def test_a_full_disk_costs_the_run_and_not_its_last_checkpoint(tmp_path):
    steps = 60
    whole = tmp_path / "whole"
    expect_done(start(whole, steps=steps))

    folder = tmp_path / "full"
    process = start(folder, steps=steps, preexec_fn=let_writes_fail, restore_signals=False)
    wait_for_checkpoint(folder, process)
    # Enough for a line of events, too little for a checkpoint.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    code, _, errors = finish(process)
    assert code == UNAVAILABLE
    assert "Cannot write" in errors and "checkpoint.safetensors" in errors and "File too large" in errors
    assert not (folder / "model" / "card.json").exists()
    # Nothing half-written beside what is whole.
    assert [path.name for path in (folder / "model" / "run").glob("checkpoint*")] == ["checkpoint.safetensors"]
    assert read_weights(folder).keys() == read_weights(whole).keys()

    expect_done(start(folder, "--resume", steps=steps))
    expected = read_weights(whole)
    for name, tensor in read_weights(folder).items():
        assert np.array_equal(tensor, expected[name]), name
