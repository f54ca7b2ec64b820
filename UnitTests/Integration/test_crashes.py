# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of Orthanc and of the engine, between two slices and in mid-study: finished exactly once afterwards."""

import os
import time

import pytest
from series_builder import make_series

# Enough slices that a kill while the engine computes hits the study and not its end.
MANY = 120
# From the first slice to well after the result is stored, in steps that are no multiple of any interval of the plugin; dealt
# to four Orthancs, which can be tested at the same time.
CAMPAIGN = [[0.1 + 0.037 * step for step in range(first, 100, 4)] for first in range(4)]
SHORT = [[0.2, 1.2, 1.6, 2.0, 2.6]]


def assert_finished_once(pacs, study):
    case = pacs.wait_for_case(study, "done")
    pacs.settle()
    assert pacs.results(study)["SR"] == [case["result"]["report"]]
    assert pacs.results(study)["SEG"] == [x for x in [case["result"]["segmentation"]] if x]
    return case


def wait_for_state(pacs, study, state):
    pacs.wait_until(lambda: (pacs.client.get_case(study) or {}).get("state") == state, 60, f"a study that is {state}")


def process_exists(pid):
    """Whether it still runs: one that ended and was not yet waited for does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_orthanc_killed_between_two_slices(make_pacs):
    """The restarted Orthanc calls the half study stable and never says so: the plugin must find it by itself."""
    pacs = make_pacs()
    datasets = make_series(slices=8)
    study = pacs.send_all(datasets[:3])
    pacs.kill()
    pacs.start()
    pacs.send_all(datasets[3:])

    def complete():
        case = pacs.client.get_case(study)
        return case and case["state"] == "done" and case["result"]["slices"] == 8
    pacs.wait_until(complete, 120, "a result with all slices")
    assert_finished_once(pacs, study)


def test_orthanc_killed_between_two_slices_and_the_rest_never_comes(make_pacs):
    pacs = make_pacs()
    study = pacs.send_all(make_series(slices=8)[:5])
    pacs.kill()
    pacs.start()
    assert assert_finished_once(pacs, study)["result"]["slices"] == 5


def test_orthanc_killed_while_a_study_is_computed(make_pacs):
    pacs = make_pacs(h3k27m={"LeaseSeconds": 5})
    engine = pacs.engine()["pid"]
    study = pacs.send_all(make_series(slices=MANY))
    wait_for_state(pacs, study, "running")
    pacs.kill()
    pacs.wait_until(lambda: not process_exists(engine), 15, "the engine leaves when its PACS is gone")
    pacs.start()
    assert assert_finished_once(pacs, study)["result"]["slices"] == MANY


@pytest.mark.parametrize("delays", CAMPAIGN if os.environ.get("H3K27M_CAMPAIGN") else SHORT)
def test_orthanc_killed_again_and_again(make_pacs, delays):
    """Killed after ever longer times, so that different steps are hit; each study is finished once in the end."""
    pacs = make_pacs(h3k27m={"LeaseSeconds": 5, "MaxInterruptions": 1000})
    studies = []
    for delay in delays:
        studies.append(pacs.send_all(make_series(slices=6)))
        time.sleep(delay)
        pacs.kill()
        pacs.start(wait_for_engine=True)
    for study in studies:
        assert_finished_once(pacs, study)


def test_orthanc_stopped_in_mid_study_ends_in_time_and_goes_on_after(make_pacs):
    pacs = make_pacs()
    study = pacs.send_all(make_series(slices=MANY))
    wait_for_state(pacs, study, "running")
    begin = time.monotonic()
    assert pacs.stop() == 0
    assert time.monotonic() - begin < 20
    pacs.start()
    assert_finished_once(pacs, study)


def test_engine_killed_in_mid_study(make_pacs):
    pacs = make_pacs(h3k27m={"RetryDelaySeconds": 1})
    study = pacs.send_all(make_series(slices=MANY))
    # An engine that ends before it was given the study costs no attempt.
    pacs.wait_until(lambda: pacs.engine()["open_requests"] > 0, 60, "a study that the engine has")
    killed = pacs.kill_engine()
    case = assert_finished_once(pacs, study)
    assert case["attempts"] >= 2
    assert pacs.engine()["pid"] != killed
    assert pacs.client.get("/system")["Version"]


def test_engine_killed_when_idle_serves_the_next_study(make_pacs):
    pacs = make_pacs()
    killed = pacs.kill_engine()
    pacs.wait_until(lambda: pacs.engine()["state"] == "ready" and pacs.engine()["pid"] != killed, 120, "a new engine")
    assert_finished_once(pacs, pacs.send_all(make_series()))


def test_engine_that_cannot_start_costs_no_attempt(make_pacs, tmp_path):
    """The model is away: studies wait, the reason stands in status; the PACS itself works."""
    program = tmp_path / "engine"
    program.write_text("#!/bin/sh\necho 'broken on purpose' >&2\nexit 7\n")
    program.chmod(0o755)
    pacs = make_pacs(start=False, h3k27m={"Engine": str(program)})
    pacs.start(wait_for_engine=False)
    study = pacs.send_all(make_series())
    wait_for_state(pacs, study, "queued")
    pacs.wait_until(lambda: pacs.engine()["state"] in ("waiting", "given-up"), 60, "an engine that failed")
    time.sleep(2)
    case = pacs.client.get_case(study)
    assert case["state"] == "queued" and case["attempts"] == 0
    assert pacs.engine()["last_error"]
    assert pacs.client.get("/statistics")["CountStudies"] == 1


def test_the_engine_is_killed_before_the_pacs_when_memory_is_short(pacs):
    """The kernel's own order: the child offers itself first."""
    engine, orthanc = pacs.engine()["pid"], pacs.process.pid

    def score(pid):
        with open(f"/proc/{pid}/oom_score_adj", encoding="utf-8") as file:
            return int(file.read())
    assert score(engine) > score(orthanc)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_the_engine_inherits_only_what_it_needs(pacs):
    """Standard streams, the socket, and what it opened itself; none of Orthanc's files or ports."""
    folder = f"/proc/{pacs.engine()['pid']}/fd"
    targets = [os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)]
    assert [t for t in targets if str(pacs.folder / "db") in t] == []
    sockets = [t for t in targets if t.startswith("socket:")]
    assert len(sockets) == 1, targets
