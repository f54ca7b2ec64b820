# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two Orthancs on one PostgreSQL: index, files and work store are shared, each has an engine of its own. They share the work, and
when one is killed the other finishes what it had begun, what it had received and what it never told of."""

import contextlib
import os
import re
import signal

import pytest
from postgresql_server import PostgreSqlServer
from series_builder import make_series
from test_pacs import TestPacs, use_postgresql

# An engine is stopped by hand for longer than the plugin would wait for its heartbeat: it is not to be ended as hung meanwhile.
QUICK = {"LeaseSeconds": 5, "RetryDelaySeconds": 1, "ConcurrentStudies": 1, "MaxInterruptions": 1000, "HeartbeatTimeoutSeconds": 600,
         "ProgressTimeoutSeconds": 600}


@pytest.fixture
def pair(build, tmp_path):
    """(first, second), both started."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(PostgreSqlServer())
        servers = []
        for name in ("first", "second"):
            server = TestPacs(tmp_path / name, build, h3k27m={**QUICK, "WorkStore": database.url})
            use_postgresql(server, database)
            servers.append(stack.enter_context(server))
        yield servers


def attempts_of(pacs):
    """Studies that this Orthanc began to compute, by its log."""
    return set(re.findall(r"task \d+ \(study ([0-9a-f-]+)\): attempt", pacs.log()))


def assert_each_once(pacs, studies):
    for study in studies:
        case = pacs.wait_for_case(study, "done")
        assert pacs.results(study)["SR"] == [case["result"]["report"]]
        assert pacs.results(study)["SEG"] == [x for x in [case["result"]["segmentation"]] if x]


def test_they_share_the_work_and_each_study_is_done_once(pair):
    first, second = pair
    engine = first.engine()["pid"]
    os.kill(engine, signal.SIGSTOP)   # the first holds one study, and the second must take the others
    studies = [first.send_all(make_series(slices=12)) for _ in range(6)]
    first.wait_until(lambda: attempts_of(first), 60, "a study that the first began")
    held = attempts_of(first)
    second.wait_until(lambda: attempts_of(second) >= set(studies) - held, 120, "the others at the second")
    os.kill(engine, signal.SIGCONT)
    assert_each_once(second, studies)
    first.settle()
    assert_each_once(first, studies)
    assert not held & attempts_of(second)   # its lease was renewed meanwhile: nobody took it away


def test_the_other_finishes_what_a_killed_one_had_begun(pair):
    first, second = pair
    os.kill(first.engine()["pid"], signal.SIGSTOP)   # so that the first cannot have finished it
    studies = [first.send_all(make_series(slices=12)) for _ in range(3)]
    first.wait_until(lambda: attempts_of(first), 60, "a study that the first began")
    held = attempts_of(first)
    first.kill()
    assert_each_once(second, studies)
    assert held <= attempts_of(second)
    second.settle()
    assert_each_once(second, studies)


def test_the_other_finds_what_a_killed_one_had_received_and_told_nobody(pair):
    """Only the Orthanc that received a study is told when it is stable; the change log tells the other."""
    first, second = pair
    study = first.send_all(make_series(slices=4))
    first.kill()
    second.wait_until(lambda: second.client.get_case(study), 60, "a study that the second never received")
    assert_each_once(second, [study])


def test_a_killed_one_comes_back_and_finds_all_done(pair):
    first, second = pair
    studies = [first.send_all(make_series(slices=6)) for _ in range(4)]
    first.kill()
    assert_each_once(second, studies)
    first.start()
    first.settle()
    assert_each_once(first, studies)
    late = second.send_all(make_series(slices=5))
    assert_each_once(first, [late])
