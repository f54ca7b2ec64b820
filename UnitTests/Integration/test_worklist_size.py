# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worklist of 10,000 cases: pages come as fast as of ten, and the dashboard stays fluid."""

import sqlite3
import statistics
import time

import pytest
from playwright.sync_api import expect

from test_dashboard import SIZES, browser   # noqa: F401 - a fixture
from test_pacs import TestPacs

pytestmark = pytest.mark.alone

CASES = 10_000
PAGE_MS = 50       # of the server, median
TURN_MS = 1000     # of the browser, with a server that shares its two cores


def fill(path):
    """Straight into the work store: making so many studies would take hours."""
    now = int(time.time() * 1000)
    rows = [(f"{i:08x}-00000000-00000000-00000000-00000000", f"1.2.3.{i}", "f", "done", i % 3, i / CASES, 10.0 * i,
             now - 1000 * i, now - 1000 * i, now - 1000 * i) for i in range(CASES)]
    with sqlite3.connect(path) as store:
        store.executemany("INSERT INTO h3k27m_tasks (study_id, study_uid, fingerprint, state, priority, probability_altered,"
                          " volume_mm3, created_at, queued_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


@pytest.fixture(scope="module")
def pacs(build, tmp_path_factory):
    server = TestPacs(tmp_path_factory.mktemp("many"), build, h3k27m={"Triage": "off"})
    server.start()
    server.stop()   # the work store exists now
    fill(next(server.folder.rglob("h3k27m-work.db")))
    with server:
        yield server


@pytest.mark.parametrize("query", ["limit=50", "limit=50&order=probability&descending=true&offset=9000",
                                   "limit=50&state=done&order=volume", "limit=50&minimum-probability=0.9"])
def test_a_page_is_fast_wherever_it_lies(pacs, query):
    times = []
    for _ in range(15):
        begin = time.perf_counter()
        page = pacs.client.get(f"/h3k27m/cases?{query}")
        times.append(1000 * (time.perf_counter() - begin))
    assert len(page["cases"]) == 50 and page["total"] == (1000 if "minimum" in query else CASES)
    assert statistics.median(times) < PAGE_MS, times


def test_the_dashboard_turns_pages_and_sorts_without_waiting(pacs, browser):   # noqa: F811
    page = browser.new_page(viewport=SIZES["small"])
    page.goto(f"{pacs.client.url}/h3k27m/app/")
    expect(page.get_by_text(f"{CASES} cases, 1 to 50")).to_be_visible(timeout=10000)
    for step in range(1, 6):
        begin = time.perf_counter()
        page.get_by_role("button", name="Next page").click()
        expect(page.get_by_text(f"{CASES} cases, {step * 50 + 1} to {step * 50 + 50}")).to_be_visible()
        assert 1000 * (time.perf_counter() - begin) < TURN_MS
    begin = time.perf_counter()
    page.get_by_role("button", name="P(altered)").click()
    expect(page.locator("tbody tr").first).to_contain_text("99.9")
    expect(page.get_by_role("columnheader", name="P(altered)")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("columnheader", name="Updated")).to_have_attribute("aria-sort", "none")
    assert 1000 * (time.perf_counter() - begin) < TURN_MS
    assert page.locator("tbody tr").count() == 50
    page.close()
