# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to a PACS is never lost because a network wants memory that is not there."""

import pytest
from memory_group import MemoryGroup, NoMemoryGroup
from series_builder import make_series

QUICK = {"RetryDelaySeconds": 1, "MaxAttempts": 100, "MaxEngineFailures": 2}
MEBIBYTE = 1 << 20


@pytest.fixture
def group():
    try:
        made = MemoryGroup()
    except NoMemoryGroup as reason:
        pytest.skip(str(reason))
    with made:
        yield made


def private_bytes(pid):
    """Of a process, what no other has and no disk keeps."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return int(fields["RssAnon"].split()[0]) * 1024


def wait_for_failure(pacs):
    def look():
        engine = pacs.engine()
        return engine if engine["state"] == "given-up" else None

    return pacs.wait_until(look, 120, "an engine that is given up")


@pytest.mark.xfail(strict=False, reason="open: where the group is so tight, the kernel ended Orthanc too, 0.1 s after the engine, in "
                                        "4 of 11 runs; EngineMemoryMiB, which is off here, has the engine fail before")
def test_the_kernel_ends_the_engine_and_not_the_pacs(group, make_pacs):
    """Half of what the engine needs is there: it is ended and given up; with more memory it computes what came meanwhile."""
    pacs = make_pacs(start=False, h3k27m={**QUICK, "EngineMemoryMiB": 0})
    pacs.spawn()
    group.add(pacs.process.pid)
    pacs.client.wait_for_engine(240)
    server, engine = private_bytes(pacs.process.pid), private_bytes(pacs.engine()["pid"])
    pacs.kill_engine()
    group.limit(server + engine // 2)
    fault = wait_for_failure(pacs)
    assert "signal 9" in fault["last_error"], fault
    assert group.kills() >= 1
    assert pacs.process.poll() is None
    study = pacs.send_all(make_series(slices=4))   # the PACS goes on receiving

    group.limit(8192 * MEBIBYTE)
    pacs.client.post("/h3k27m/status/engine-restart", {})
    case = pacs.wait_for_case(study, "done")
    assert case["result"]["report"]


def test_an_engine_beyond_its_own_limit_ends_with_the_reason(make_pacs):
    pacs = make_pacs(start=False, h3k27m={**QUICK, "EngineMemoryMiB": 64})
    pacs.start(wait_for_engine=False)
    fault = wait_for_failure(pacs)
    assert "memory" in fault["last_error"] or "bad_alloc" in fault["last_error"], fault
    study = pacs.send_all(make_series(slices=4))
    assert pacs.wait_until(lambda: pacs.client.get_case(study), 30, "a case")["state"] in ("queued", "failed")
