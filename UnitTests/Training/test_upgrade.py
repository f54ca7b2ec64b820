# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that an earlier release began goes on under this one: nothing that it computed is computed again or thrown away.

`StoredRuns/RELEASE` holds such a run: the first of two folds done, the second stopped after a checkpoint. Its data are written
anew by each test, from whole numbers, so that every machine has the same bytes. Before a release, add its own:
    H3K27M_BUILD=build/release python UnitTests/Training/test_upgrade.py UnitTests/Training/StoredRuns/RELEASE
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
import pytest

REPOSITORY = Path(__file__).parents[2]
ENGINE = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release")) / "h3k27m"
RELEASES = sorted((Path(__file__).parent / "StoredRuns").iterdir())
PATIENTS = 8
STEPS = 100
CONFIG = {"preset": "paper", "folds": 2, "checkpoint_steps": 20, "network": {"input_size": 32, "width": 8},
          "training": {"batch": 4, "steps": STEPS, "peak_rate": 0.003}}
SECONDS = 240


def write_volume(path, voxels):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(voxels, np.diag([4.0, 4.0, 6.0, 1.0]))
    image.header.set_xyzt_units("mm")
    nibabel.save(image, path)   # not compressed: those bytes would depend on zlib


def write_data(folder):
    """Eight heads with a bright disc each, brighter where the status is altered: a BIDS folder."""
    x, y = np.meshgrid(np.arange(32), np.arange(32), indexing="ij")
    lines = ["participant_id\th3k27m_status"]
    for number in range(1, PATIENTS + 1):
        name, altered = f"sub-old{number:02d}", number % 2 == 1
        image = np.zeros((32, 32, 6), np.int16)
        mask = np.zeros((32, 32, 6), np.uint8)
        for z in range(6):
            texture = 300 + (7 * x + 11 * y + 13 * z + 17 * number) % 90
            image[..., z] = np.where((x - 16) ** 2 + (y - 16) ** 2 < 196, texture, 20)
            if 1 <= z <= 4:
                disc = (x - 14 - number % 3) ** 2 + (y - 17) ** 2 < 25
                image[..., z][disc] = 900 if altered else 600
                mask[..., z][disc] = 1
        write_volume(folder / name / "anat" / f"{name}_T2w.nii", image)
        write_volume(folder / "derivatives" / "drawn" / name / "anat" / f"{name}_dseg.nii", mask)
        lines.append(f"{name}\t{'altered' if altered else 'wild-type'}")
    (folder / "participants.tsv").write_text("\n".join(lines) + "\n")
    for where, more in ((folder, {}), (folder / "derivatives" / "drawn",
                                       {"DatasetType": "derivative", "GeneratedBy": [{"Name": "test_upgrade.py"}]})):
        (where / "dataset_description.json").write_text(json.dumps({"Name": "Discs", "BIDSVersion": "1.10.0", **more}))
    return folder


def cross_validate(data, run, config):
    command = [ENGINE, "cross-validate", "--output", run, "--dataset", data, "--config", config, "--device", "cpu",
               "--threads", "1", "--json", "--resume"]
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def write_config(folder):
    path = folder / "options.json"
    path.write_text(json.dumps(CONFIG))
    return path


def hashes(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_file()}


def read_events(run):
    return [json.loads(line) for path in sorted(run.rglob("events.jsonl")) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_a_run_of_an_earlier_release_goes_on_where_it_stopped(tmp_path, release):
    run = tmp_path / "run"
    shutil.copytree(release, run)
    done = hashes(run / "fold-1")
    assert not (run / "fold-2" / "card.json").exists()
    process = cross_validate(write_data(tmp_path / "data"), run, write_config(tmp_path))
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors[-2000:]
    assert {name: digest for name, digest in hashes(run / "fold-1").items() if name in done} == done
    resumed = [event for event in read_events(run / "fold-2") if event["event"] == "resumed"]
    assert len(resumed) == 1 and 0 < resumed[0]["step"] < STEPS, resumed
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["out_of_fold"]["cases"] == PATIENTS and [fold["fold"] for fold in metrics["folds"]] == [1, 2]
    assert (run / "report" / "index.html").exists()


def test_there_is_a_run_of_some_release():
    assert RELEASES


def make(target):
    """The run of this release, for the tests of the next ones."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, run = Path(scratch), Path(scratch) / "run"
        process = cross_validate(write_data(folder / "data"), run, write_config(folder))
        while not (run / "fold-2" / "checkpoint.safetensors").exists():
            if process.poll() is not None:
                sys.exit(process.communicate()[1])
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        process.communicate()
        if (run / "fold-2" / "card.json").exists():
            sys.exit("it was done before it could be stopped: try again")
        (run / "fold-1" / "checkpoint.safetensors").unlink(missing_ok=True)   # what a finished fold no longer needs
        for log in run.rglob("events.jsonl"):
            log.write_text(log.read_text().replace(str(folder), "folder"))   # where it was made is nobody's business
        shutil.copytree(run, target)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
