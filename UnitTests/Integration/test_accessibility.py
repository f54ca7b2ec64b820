# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page of the dashboard under axe-core: names for screen readers, contrast, order, keyboard (WCAG 2.1 A and AA). And as it
looks, light and dark, on a small and a large screen. The page of a run and of two compared: test_dashboard_administrator.py."""

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from test_dashboard import SIZES, browser, open_case, server, shoot   # noqa: F401 - fixtures

# The report in the frame of a run lets no script run, so axe neither.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, "iframes": False}
SCHEMES = ["light", "dark"]


def describe(violation):
    nodes = "; ".join(f"{' '.join(map(str, node['target']))}: {node['failureSummary']}" for node in violation["nodes"][:5])
    return f"{violation['impact']} {violation['id']}: {violation['help']} ({nodes})"


def faults(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [describe(violation) for violation in found if violation["impact"] in ("serious", "critical")]


def ground(page):
    """How bright the page's ground is, from 0 to 255."""
    return page.evaluate("Math.max(...getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number))")


def overhang(page):
    """CSS pixels by which the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def inspect(page, name, scheme):
    """What the page shows has no serious fault, is as light or dark as the reader's system, and sticks out at no size."""
    page.emulate_media(color_scheme=scheme)
    for size_name, size in SIZES.items():
        page.set_viewport_size(size)
        page.wait_for_timeout(200)
        shoot(page, f"{name}-{size_name}-{scheme}")
        assert overhang(page) <= 0, size_name
    page.set_viewport_size(SIZES["small"])
    assert ground(page) < 64 if scheme == "dark" else ground(page) > 192
    assert faults(page) == []


@pytest.fixture(params=SCHEMES)
def scheme(request):
    return request.param


@pytest.fixture
def page(browser, server, scheme):   # noqa: F811 - a fixture is named as its argument
    context = browser.new_context(viewport=SIZES["small"], color_scheme=scheme)
    opened = context.new_page()
    opened.go = lambda address="": opened.goto(f"{server.client.url}/h3k27m/app/{address}")
    yield opened
    context.close()


@pytest.mark.parametrize("name", ["cases", "queue", "runs", "models", "status"])
def test_a_page_has_no_serious_fault(page, scheme, name):
    page.go(f"#/{name}")
    expect(page.locator("main h1, h1").first).to_be_visible(timeout=10000)
    page.wait_for_load_state("networkidle")
    inspect(page, f"page-{name}", scheme)


def test_the_audit_has_no_serious_fault(page, server, scheme):   # noqa: F811
    requests.post(f"{server.client.url}/h3k27m/queue/0/retry", json={}, timeout=60)   # something for it, refused
    page.go("#/audit")
    expect(page.locator("h1")).to_have_text("Audit")
    expect(page.locator("tbody .badge").first).to_be_visible()
    inspect(page, "page-audit", scheme)


def test_a_case_has_no_serious_fault(page, server, scheme):   # noqa: F811
    open_case(page, server)
    inspect(page, "page-case", scheme)


def test_a_case_in_which_a_mask_is_drawn_has_no_serious_fault(page, server, scheme):   # noqa: F811
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").click()
    expect(page.get_by_role("button", name="Brush")).to_have_attribute("aria-pressed", "true")
    x, y = (page.locator(".viewer").bounding_box()[side] for side in ("x", "y"))
    page.mouse.move(x + 300, y + 200)
    page.mouse.down()
    page.mouse.move(x + 360, y + 220, steps=5)
    page.mouse.up()
    page.mouse.move(0, 0)
    inspect(page, "page-drawing", scheme)
