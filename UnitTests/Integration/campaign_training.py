# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One training after another beside a kill campaign (campaign.py), and what is held of them in the end: each run is done, its
model loads, and its weights are those of a run that nothing disturbed."""

import contextlib
import hashlib
import json
import subprocess
from collections import Counter

from test_pacs import OrthancError   # also makes Resources/setup known to Python, where campaign.py is not run by pytest

# An encoder of phantoms needs no label, so the PACS holds nothing but what the campaign sends. Some seconds of computing, a
# checkpoint every few tenths of one: longer than a server lives in a campaign, and shorter than ten of its lives, after which
# a run that never came to an end is given up.
COMMAND = "pretrain"   # of the engine, by which its process is found
RUN = {"kind": COMMAND, "phantoms": 2, "config": {"network": {"input_size": 32, "width": 8}, "checkpoint_steps": 20,
                                                  "pretraining": {"steps": 400, "batch": 4}}}
# A network that starts from the encoder, on phantoms that it has not seen.
LOADING = {"network": RUN["config"]["network"], "training": {"steps": 1, "batch": 4}, "seed": 1000001}
UNDER_WAY = ("queued", "running")
LIMIT_SECONDS = 600


@contextlib.contextmanager
def noting(faults):
    """What fails in here becomes words: a campaign of minutes ends with its summary all the same."""
    try:
        yield
    except (OrthancError, OSError, subprocess.TimeoutExpired) as fault:
        faults.append(f"trainings: {fault}")


class Trainings:
    """The runs of one PACS, or of several that share them in `folder`."""

    def __init__(self, folder, build):
        self.folder, self.build = folder, build
        self.given_up = Counter()   # how often a run failed, by reason: a signal too many, ten lives without an end

    def options(self):
        """Of the section H3K27M. One thread: resumed, a training is bit-equal then."""
        return {"RunsFolder": str(self.folder), "TrainingThreads": 1}

    def keep_one_going(self, pacs):
        """Resumes what was given up, as a person would, and starts another run when all are over."""
        try:
            if not self._resume_failed(pacs) and not any(run["state"] in UNDER_WAY for run in self._list(pacs)):
                pacs.client.post("/h3k27m/runs", RUN)
        except OrthancError:
            pass   # the server, or its database, was hit a moment ago: looked at again before the next blow

    def finish(self, pacs):
        """({run: SHA-256 of its weights}, words about each fault); nothing kills any more."""
        weights, faults = {}, []
        with noting(faults):
            self._wait_until_over(pacs)
            if self._resume_failed(pacs):
                self._wait_until_over(pacs)
        with noting(faults):
            for run in self._list(pacs):
                if run["state"] == "done":
                    weights[run["id"]] = self._read_weights(pacs, run["id"], faults)
                else:
                    faults.append(f"run {run['id']} is {run['state']}, without anything that ends it: {run['reason']}")
        faults += [f"{count} runs failed without a reason" for reason, count in self.given_up.items() if not reason]
        if weights:
            with noting(faults):
                self._load(next(iter(weights)), faults)
        return weights, faults

    def _list(self, pacs):
        return pacs.client.get("/h3k27m/runs?limit=1000")["runs"]

    def _resume_failed(self, pacs):
        failed = [run for run in self._list(pacs) if run["state"] == "failed"]
        for run in failed:
            self.given_up[run["reason"]] += 1
            pacs.client.post(f"/h3k27m/runs/{run['id']}/resume", {})
        return failed

    def _wait_until_over(self, pacs):
        pacs.wait_until(lambda: not any(run["state"] in UNDER_WAY for run in self._list(pacs)), LIMIT_SECONDS, "an end of all")

    def _read_weights(self, pacs, run, faults):
        said = pacs.client.get(f"/h3k27m/models/{run}")["card"]["weights_sha256"]
        if hashlib.sha256((self.folder / run / "model" / "model.safetensors").read_bytes()).hexdigest() != said:
            faults.append(f"the weights of run {run} are not those that its card names")
        return said

    def _load(self, run, faults):
        config, output = (self.folder.with_name(f"{self.folder.name}-{name}") for name in ("loading.json", "loaded"))
        config.write_text(json.dumps(LOADING))
        command = [self.build / "h3k27m", "train", "--output", output, "--phantoms", "6", "--from", self.folder / run / "model",
                   "--config", config, "--device", "cpu", "--threads", "1"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
        if done.returncode != 0:
            faults.append(f"no training can start from run {run}: {done.stderr[-500:]}")


def compare(quiet, disturbed):
    """Words about each run whose weights are not those of the one that was left alone."""
    (expected,) = set(quiet.values())
    return [f"run {run} ended with other weights" for run, weights in disturbed.items() if weights != expected]
