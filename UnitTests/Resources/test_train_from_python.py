# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources/examples/train_from_python.py with a PACS of a few answers: whose labels it changes, and what it waits for."""

import sys
from pathlib import Path

import pytest

requests = pytest.importorskip("requests")
SCRIPT = Path(__file__).parents[2] / "Resources" / "examples" / "train_from_python.py"
sys.path.insert(0, str(SCRIPT.parent))
from train_from_python import Refusal, fill_with_phantoms, find_case, look_at, read_by_new_model  # noqa: E402


class FakePacs:
    """Answers by path, the last one of a list for ever; an answer that is an exception is raised."""

    def __init__(self, **answers):
        self.answers = {path.replace("__", "/"): list(answer) for path, answer in answers.items()}
        self.posted = []
        self.rows = []

    def get(self, path, **_):
        answers = self.answers[path]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def post(self, path, body):
        self.posted.append((path, body))
        return self.get(path)

    def labels(self):
        return [dict(row) for row in self.rows]

    def set_labels(self, rows):
        self.posted.append(("labels", rows))


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def row(study, genotype="altered", split="external"):
    return {"study": study, "genotype": genotype, "split": split}


def test_only_the_studies_that_were_made_are_labelled_anew():
    pacs = FakePacs(phantoms=[{"studies": [{"study": "p1"}, {"study": "p2"}, {"study": "p3"}]}])
    pacs.rows = [row("person"), row("p1"), row("p2"), row("p3")]
    fill_with_phantoms(pacs, count=3, seed=1)
    assert pacs.posted[-1] == ("labels", [row("p1", split="development"), row("p2", split="development"), row("p3")])


def test_a_lost_connection_does_not_end_the_wait():
    pacs = FakePacs(runs__r=[requests.ConnectionError(), requests.Timeout(), Refusal("starting", 503), {"state": "done"}])
    assert look_at(pacs, "r") == {"state": "done"}
    with pytest.raises(Refusal, match="no such run"):
        look_at(FakePacs(runs__r=[Refusal("no such run", 404)]), "r")


def test_a_study_that_was_not_noticed_yet_has_no_case():
    assert find_case(FakePacs(cases__s=[Refusal("unknown", 404)]), "s") is None
    with pytest.raises(Refusal):
        find_case(FakePacs(cases__s=[Refusal("database", 503)]), "s")


def read_by(model):
    return {"state": "done", "reason": None, "result": {"model": {"name": model}, "prediction": {"by": model}}}


def serving(**cases):
    return FakePacs(status=[{"engine": {"state": "ready", "model": {"name": "new"}}}],
                    phantoms=[{"studies": [{"study": "s"}]}], cases__s__triage=[{}], **cases)


def test_a_result_of_another_model_is_not_the_new_ones():
    pacs = serving(cases__s=[Refusal("unknown", 404), read_by("old"), read_by("old"), read_by("new")])
    assert read_by_new_model(pacs, "new", seed=9) == {"by": "new"}
    assert [path for path, _ in pacs.posted] == ["phantoms", "cases/s/triage"], "it is asked for once"


def test_a_study_that_is_refused_ends_the_script_with_the_reason():
    pacs = serving(cases__s=[{"state": "refused", "reason": "no T2 series", "result": None}])
    with pytest.raises(SystemExit, match="no T2 series"):
        read_by_new_model(pacs, "new", seed=9)


def test_a_model_that_is_not_loaded_ends_the_script():
    pacs = FakePacs(status=[{"engine": {"state": "starting", "model": None}}])
    with pytest.raises(SystemExit, match="has not loaded new"):
        read_by_new_model(pacs, "new", seed=9, limit=0)
