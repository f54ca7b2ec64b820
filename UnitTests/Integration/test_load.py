# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""load.py in short, without its figures of speed: each study once, urgent ones first, nothing that grows. The whole of it is
Resources/load.sh."""

import argparse

import pytest

import load
import load_judge
from conftest import require_tool
from load_traffic import LoadPacs, StudyTemplate, write_studies
from series_builder import make_series

pytestmark = pytest.mark.alone

STUDIES, URGENT, SOAK = 12, 3, 40
WORKERS = 2
LIMIT_SECONDS = 240


@pytest.fixture(scope="module")
def model(build, tmp_path_factory):
    require_tool("storescu")
    return load.make_tiny_model(build, tmp_path_factory.mktemp("model") / "tiny")


def test_urgent_studies_are_begun_before_the_backlog_and_each_ends_once(build, model, tmp_path):
    template = StudyTemplate(make_series(slices=4))
    shares = write_studies(tmp_path / "studies", template, range(1, STUDIES + 1), associations=2)
    with LoadPacs(tmp_path / "pacs", build, h3k27m={"ConcurrentStudies": WORKERS, "Model": str(model)}) as pacs:
        urgent = load.ask_for_urgent(pacs, shares, STUDIES, URGENT, WORKERS, LIMIT_SECONDS)
        load.wait_until_handled(pacs, STUDIES, LIMIT_SECONDS)
        pacs.settle()
        results, cases = load.count_results(pacs, pacs.client.get("/studies")), load.list_cases(pacs)
    assert urgent["before_them"] == STUDIES - WORKERS - URGENT
    assert load_judge.count_overtaken(urgent, cases) == 0
    assert len(results) == STUDIES and load_judge.find_faults(results) == []


def test_nothing_but_memory_grows_while_studies_come_and_go(build, model, tmp_path):
    arguments = argparse.Namespace(build=build, model=model, soak=SOAK, parts=4, associations=2, limit_seconds=LIMIT_SECONDS)
    verdict = load.run_soak(tmp_path, arguments)
    assert verdict["faults"] == []
    assert [row for row in load_judge.judge_growth(verdict["stocks"]) if not row["reached"]] == []
