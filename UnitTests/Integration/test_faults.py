# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hospital does to a server: a full disk, a store that cannot be written, an engine that hangs, a clock that is set back,
a database that goes and comes back. In the end each study has its results once, or its case says why not."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from orthanc_client import OrthancError
from postgresql_server import PostgreSqlServer
from series_builder import make_series

QUICK = {"LeaseSeconds": 5, "RetryDelaySeconds": 1, "MaxAttempts": 100}
MANY = 120   # slices: a study that the engine computes for seconds


class SmallDisk:
    """A file system of its own, in memory."""

    def __init__(self, folder, size_mib):
        self.folder = Path(folder)
        self.folder.mkdir()
        if os.getuid() != 0:
            pytest.skip("only root may make a small disk")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(self.folder)], check=True)

    def fill(self):
        """To the last byte."""
        with open(self.folder / "ballast", "wb", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    pass

    def free(self):
        (self.folder / "ballast").unlink()

    def forbid_writing(self):
        self._remount("ro")

    def allow_writing(self):
        self._remount("rw")

    def remove(self):
        subprocess.run(["umount", str(self.folder)], check=True)

    def _remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path):
    small = SmallDisk(tmp_path / "disk", 48)
    yield small
    small.remove()


@pytest.fixture
def database():
    with PostgreSqlServer() as server:
        yield server


def assert_finished_once(pacs, study):
    case = pacs.wait_for_case(study, "done")
    pacs.settle()
    assert pacs.results(study)["SR"] == [case["result"]["report"]]
    assert pacs.results(study)["SEG"] == [x for x in [case["result"]["segmentation"]] if x]
    return case


def state_of(pacs, study):
    """None while the plugin cannot say."""
    try:
        return (pacs.client.get_case(study) or {}).get("state")
    except OrthancError:
        return None


# A full disk, a disk that cannot be written

def test_the_disk_of_the_images_is_full_when_the_results_are_to_be_stored(disk, make_pacs):
    pacs = make_pacs(start=False, h3k27m=QUICK, orthanc={"StableAge": 3, "StorageDirectory": str(disk.folder)})
    pacs.start()
    study = pacs.send_all(make_series(slices=4))
    disk.fill()
    with pytest.raises(OrthancError):   # the PACS itself refuses, and says so to the sender
        pacs.send(make_series(slices=1)[0])
    pacs.wait_until(lambda: state_of(pacs, study) == "failed", 60, "a study that could not be stored")
    assert pacs.client.get_case(study)["reason"]
    disk.free()
    assert_finished_once(pacs, study)


def test_the_disk_of_images_index_and_work_store_is_full(disk, make_pacs):
    """Nothing can be recorded any more; what was received is computed once there is room again, also over kill -9."""
    folder = str(disk.folder)
    pacs = make_pacs(start=False, h3k27m={**QUICK, "WorkStore": f"sqlite://{folder}/work.db"},
                     orthanc={"StableAge": 3, "StorageDirectory": folder, "IndexDirectory": folder})
    pacs.start()
    first = pacs.send_all(make_series(slices=4))
    assert_finished_once(pacs, first)
    study = pacs.send_all(make_series(slices=5))
    disk.fill()
    with pytest.raises(OrthancError):
        pacs.wait_until(lambda: state_of(pacs, study) == "done", 10, "a result that cannot be stored")
    pacs.kill()
    disk.free()
    pacs.start()
    assert_finished_once(pacs, study)
    assert_finished_once(pacs, first)


def test_a_store_that_cannot_be_written_for_a_while(disk, make_pacs):
    pacs = make_pacs(start=False, h3k27m=QUICK, orthanc={"StableAge": 3, "StorageDirectory": str(disk.folder)})
    pacs.start()
    study = pacs.send_all(make_series(slices=4))
    disk.forbid_writing()
    pacs.wait_until(lambda: state_of(pacs, study) == "failed", 60, "a study that could not be stored")
    assert pacs.client.get_case(study)["reason"]
    disk.allow_writing()
    assert_finished_once(pacs, study)


def test_a_disk_that_stays_full_ends_in_a_stated_dead_letter_and_a_retry_mends_it(disk, make_pacs):
    pacs = make_pacs(start=False, h3k27m={**QUICK, "MaxAttempts": 2},
                     orthanc={"StableAge": 3, "StorageDirectory": str(disk.folder)})
    pacs.start()
    study = pacs.send_all(make_series(slices=4))
    disk.fill()
    pacs.wait_until(lambda: state_of(pacs, study) == "dead", 60, "a dead letter")
    case = pacs.client.get_case(study)
    assert case["attempts"] == 2 and case["reason"]
    disk.free()
    pacs.client.post(f"/h3k27m/queue/{case['id']}/retry", {})
    assert_finished_once(pacs, study)


# An engine that hangs

def test_an_engine_that_hangs_is_replaced_and_the_study_done(make_pacs):
    pacs = make_pacs(h3k27m={**QUICK, "HeartbeatTimeoutSeconds": 5})
    study = pacs.send_all(make_series(slices=MANY))
    pacs.wait_until(lambda: pacs.engine()["open_requests"] > 0, 60, "a study that the engine has")
    hung = pacs.engine()["pid"]
    os.kill(hung, signal.SIGSTOP)   # alive, and silent
    pacs.wait_until(lambda: pacs.engine()["pid"] not in (None, hung), 60, "another engine")
    assert_finished_once(pacs, study)
    assert not Path(f"/proc/{hung}").exists()


# The time of day

under_a_false_clock = pytest.mark.alone   # waits that take it at its word keep a processor busy


@pytest.fixture
def timed_pacs(make_pacs, tmp_path):
    """An Orthanc whose clock a test may set: timed_pacs.set_clock("-2h"), from what it really is."""
    found = list(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    assert found, "libfaketime is not installed: Resources/install-packages.sh test"
    offset = tmp_path / "offset"

    def set_clock(by):
        offset.with_suffix(".new").write_text(f"{by}\n")
        offset.with_suffix(".new").replace(offset)   # never half written

    set_clock("+0")
    pacs = make_pacs(start=False, h3k27m=QUICK)
    pacs.environment = {"LD_PRELOAD": str(found[0]), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    pacs.set_clock = set_clock
    return pacs


@under_a_false_clock
def test_a_clock_that_is_set_back_delays_nothing(timed_pacs):
    timed_pacs.start()
    first = timed_pacs.send_all(make_series(slices=4))
    assert_finished_once(timed_pacs, first)
    timed_pacs.set_clock("-2h")
    second = timed_pacs.send_all(make_series(slices=5))
    # Orthanc's own watch over stable studies may sleep now; the plugin reads the change log.
    assert timed_pacs.client.wait_for_case(second, 60)["state"] == "done"
    assert_finished_once(timed_pacs, second)
    assert "the clock was set back by 7" in timed_pacs.log()


@under_a_false_clock
def test_a_study_that_failed_waits_no_longer_because_the_clock_was_set_back(timed_pacs, tmp_path):
    """Its engine is gone when it is computed, so it waits; then the clock goes back by two hours."""
    timed_pacs.configuration["H3K27M"]["RetryDelaySeconds"] = 5
    timed_pacs.start()
    study = timed_pacs.send_all(make_series(slices=MANY))
    timed_pacs.wait_until(lambda: timed_pacs.engine()["open_requests"] > 0, 60, "a study that the engine has")
    timed_pacs.kill_engine()
    timed_pacs.wait_until(lambda: state_of(timed_pacs, study) == "failed", 30, "a study that waits")
    timed_pacs.set_clock("-2h")
    assert timed_pacs.client.wait_for_case(study, 60)["state"] == "done"
    assert_finished_once(timed_pacs, study)


@under_a_false_clock
def test_orthanc_killed_and_started_with_an_earlier_clock_goes_on(timed_pacs):
    timed_pacs.start()
    study = timed_pacs.send_all(make_series(slices=MANY))
    timed_pacs.wait_until(lambda: state_of(timed_pacs, study) == "running", 60, "a study that is computed")
    timed_pacs.kill()
    timed_pacs.set_clock("-400d")
    timed_pacs.start()
    assert_finished_once(timed_pacs, study)
    after = timed_pacs.send_all(make_series(slices=5))
    assert_finished_once(timed_pacs, after)


# PostgreSQL

def test_the_database_of_the_work_store_goes_and_comes_back(database, make_pacs):
    pacs = make_pacs(h3k27m={**QUICK, "WorkStore": database.url})
    assert_finished_once(pacs, pacs.send_all(make_series(slices=4)))
    running = pacs.send_all(make_series(slices=MANY))
    pacs.wait_until(lambda: state_of(pacs, running) == "running", 60, "a study that is computed")
    database.stop()
    arrived = pacs.send_all(make_series(slices=6))   # the PACS goes on
    assert pacs.client.get("/statistics")["CountStudies"] == 3
    with pytest.raises(OrthancError):
        pacs.client.get("/h3k27m/cases")
    database.start()
    for study in (running, arrived):
        pacs.wait_until(lambda study=study: state_of(pacs, study) == "done", 120, "a result after the database is back")
        assert_finished_once(pacs, study)


def test_a_database_that_is_away_at_the_start_is_waited_for(database, make_pacs):
    pacs = make_pacs(h3k27m={**QUICK, "WorkStore": database.url})   # before its first start all is of the past
    pacs.stop()
    database.stop()
    pacs.start(wait_for_engine=False)
    study = pacs.send_all(make_series(slices=4))
    pacs.wait_until(lambda: "cannot start" in pacs.log(), 60, "a plugin that says why it does not serve")
    database.start()
    pacs.client.wait_for_engine(120)
    pacs.wait_until(lambda: state_of(pacs, study) == "done", 120, "a result of what came meanwhile")
    assert_finished_once(pacs, study)
