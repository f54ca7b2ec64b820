# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""campaign.py says what it did and saw, whatever fails meanwhile. No Orthanc is needed."""

import subprocess
from types import SimpleNamespace

import pytest

import campaign
import campaign_training
from orthanc_client import OrthancError

RUN = {"id": "r", "state": "done", "reason": ""}
ANSWERS = {"/h3k27m/runs?limit=1000": {"runs": [RUN]}, "/h3k27m/models/r": {"card": {"weights_sha256": "aa"}}}


class LastOfAll:
    """Chooses as a generator of random numbers does, but always the last, and without a pause."""

    def uniform(self, *_):
        return 0

    def choice(self, choices):
        return choices[-1]


@pytest.mark.parametrize("silent", [*ANSWERS, "the folder of the run"])
def test_what_cannot_be_read_of_the_trainings_stands_in_the_summary(tmp_path, silent):
    def get(path):
        if path == silent:
            raise OrthancError(f"GET {path} answered 503")
        return ANSWERS[path]

    pacs = SimpleNamespace(client=SimpleNamespace(get=get), wait_until=lambda *_: None)
    weights, faults = campaign_training.Trainings(tmp_path / "runs", tmp_path).finish(pacs)
    assert weights == {}
    assert faults and all("503" in fault or "model.safetensors" in fault for fault in faults)


@pytest.mark.parametrize("ends_before", [True, False])
def test_a_kill_counts_that_hit_a_training(monkeypatch, tmp_path, ends_before):
    pacs = SimpleNamespace(process=SimpleNamespace(pid=1))
    trainings = SimpleNamespace(keep_one_going=lambda _: None)
    with subprocess.Popen(["sleep", "60"]) as training:
        looks = iter([{training.pid: 1}, {} if ends_before else {training.pid: 1}])
        monkeypatch.setattr(campaign, "find_engines", lambda *_: next(looks))
        counts = campaign.disturb([pacs], None, tmp_path, 1, LastOfAll(), trainings)
        training.kill()
    assert counts["training"] == (0 if ends_before else 1)
