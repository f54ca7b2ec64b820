# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dashboard tells, and how often: faults, questions, why a series was taken, the defaults, cards, versions, dates."""

import re

import pytest
from playwright.sync_api import expect

from test_dashboard import browser, open_case, wait_in_page, watched_page   # noqa: F401 - a fixture
from test_dashboard_pages import answer_case
from test_pacs import TestPacs


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("told"), build) as pacs:
        pacs.phantom = pacs.make_phantom(seed=4)
        pacs.case = pacs.wait_for_case(pacs.phantom["study"], "done")
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


@pytest.mark.parametrize("address, asked", [("#/queue", "**/queue?*"), ("#/runs", "**/runs?limit=100"), ("#/run/r1", "**/runs/r1")])
def test_a_server_that_is_away_is_told_once(page, address, asked):
    """A page that looks every few seconds once added a message each time."""
    run = {"id": "r1", "kind": "fine-tune", "state": "running", "reason": None, "progress": {"fraction": 0.5}}
    page.route("**/runs/r1", lambda route: route.fulfill(json=run))
    page.route("**/runs/r1/events?*", lambda route: route.fulfill(body="", headers={"X-Next-Offset": "0"}))
    page.go(address)
    expect(page.locator("main [role=status]")).to_have_count(1)
    looks = []
    page.route(asked, lambda route: (looks.append(route), route.abort()))
    line = page.get_by_text("The server does not answer")
    expect(line).to_be_visible(timeout=10000)
    wait_in_page(page, lambda: len(looks) > 2)
    expect(line).to_have_count(1)
    expect(page.locator("#message p")).to_have_count(0)
    page.unroute(asked)
    if address == "#/run/r1":
        page.route(asked, lambda route: route.fulfill(json=run))
    expect(line).to_have_count(0, timeout=10000)
