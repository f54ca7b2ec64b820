# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page of the dashboard under axe-core: names for screen readers, contrast, order, keyboard (WCAG 2.1 A and AA)."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from test_dashboard import SIZES, browser, open_case, server   # noqa: F401 - fixtures

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


def describe(violation):
    nodes = "; ".join(f"{' '.join(map(str, node['target']))}: {node['failureSummary']}" for node in violation["nodes"][:5])
    return f"{violation['impact']} {violation['id']}: {violation['help']} ({nodes})"


def faults(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [describe(violation) for violation in found if violation["impact"] in ("serious", "critical")]


@pytest.fixture(params=["light", "dark"])
def page(browser, server, request):   # noqa: F811 - a fixture is named as its argument
    context = browser.new_context(viewport=SIZES["small"], color_scheme=request.param)
    opened = context.new_page()
    opened.go = lambda address="": opened.goto(f"{server.client.url}/h3k27m/app/{address}")
    yield opened
    context.close()


@pytest.mark.parametrize("address", ["#/cases", "#/runs", "#/models", "#/queue", "#/status"])
def test_a_page_has_no_serious_fault(page, address):
    page.go(address)
    expect(page.locator("main h1, h1").first).to_be_visible(timeout=10000)
    page.wait_for_load_state("networkidle")
    assert faults(page) == []


def test_a_case_has_no_serious_fault(page, server):   # noqa: F811
    open_case(page, server)
    assert faults(page) == []
