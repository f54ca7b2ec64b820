# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dashboard says when something is not as it should be: the page says what is so, and nothing typed is lost."""

import pytest
import requests
from playwright.sync_api import expect

from series_builder import SIDE, make_series
from test_dashboard import SIZES, browser, open_case, watched_page   # noqa: F401 - a fixture
from test_dashboard_stack import draw
from test_masks import labelme
from test_pacs import TestPacs

MANY_SLICES = 2000


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("faults"), build) as pacs:
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


def test_a_study_that_is_deleted_while_it_is_open(page, server):
    server.phantom = server.make_phantom(seed=11, slices=40)
    server.wait_for_case(server.phantom["study"], "done")
    open_case(page, server)
    page.keyboard.press("End")
    expect(page.locator(".viewer .note")).not_to_contain_text("loading")
    page.get_by_label("Name of the reader").fill("Li")
    server.delete_study(server.phantom["study"])
    page.reload()
    expect(page.locator("main")).to_contain_text("This cannot be shown")
    page.get_by_role("link", name="Back to the cases").click()
    expect(page.locator("h1")).to_have_text("Cases")


def test_slices_that_do_not_come_any_more_are_not_loading_for_ever(page, server):
    server.phantom = server.make_phantom(seed=12, slices=60)
    server.wait_for_case(server.phantom["study"], "done")
    page.route("**/voxels?first=48*", lambda route: route.abort())
    open_case(page, server)
    page.locator(".viewer").focus()
    page.keyboard.press("End")
    expect(page.locator(".viewer .note")).to_contain_text("The server does not answer")
    page.unroute("**/voxels?first=48*")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".viewer .note")).to_contain_text("slice 59 of 60, window")


def test_a_mask_that_lost_its_image_is_told_and_can_be_replaced(page, server):
    """The case was closed by it: no image was shown, and nothing could be drawn in its place."""
    study = server.send_all(make_series(PatientID="LOST-IMAGE"))
    server.wait_for_case(study, "done")
    address = f"{server.client.url}/h3k27m/cases/{study}/mask"
    drawn = labelme([("rectangle", [[20, 20], [30, 40]])], "3.png", imageHeight=SIDE, imageWidth=SIDE)
    first = requests.put(address, json=drawn, timeout=60)
    assert first.ok, first.text
    lost = next(image for image, _ in server.instances(study, "MR") if server.dataset(image).InstanceNumber == 3)
    server.client.request("DELETE", f"/instances/{lost}")

    page.on("dialog", lambda dialog: dialog.accept())
    page.go(f"#/case/{study}")
    expect(page.locator(".viewer .note")).to_contain_text("of 5, window", timeout=20000)
    side = page.locator("aside")
    expect(side).to_contain_text("Human mask is not shown: it cannot be laid on these images")
    expect(side).to_contain_text("from the nearest slice")
    expect(page.get_by_label("Human mask", exact=True)).to_have_count(0)

    page.get_by_role("button", name="Draw a new mask").click()
    draw(page)
    page.get_by_role("button", name="Discard").click()
    expect(side).to_contain_text("Human mask is not shown")
    page.get_by_role("button", name="Draw a new mask").click()
    draw(page)
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    expect(side).not_to_contain_text("Human mask is not shown")
    stored = [instance for instance, _ in server.instances(study, "SEG")]
    assert requests.get(address, timeout=60).json()["segmentation"] in stored
    assert first.json()["segmentation"] not in stored


def test_a_server_that_goes_away_and_returns(page, server):
    study = server.make_phantom(seed=13)["study"]
    server.wait_for_case(study, "done")
    server.settle()
    page.go()
    expect(page.locator("tbody tr").first).to_contain_text("done")
    server.stop()
    expect(page.get_by_text("The server does not answer")).to_be_visible(timeout=15000)
    assert page.locator("tbody tr").count() >= 1, "what was known stays to be read"
    server.start()
    expect(page.get_by_text("The server does not answer")).to_be_hidden(timeout=15000)
    expect(page.locator("tbody tr").first).to_contain_text("done")


def test_more_slices_than_are_taken_are_refused_with_the_number(page, server):
    study = server.send_all(make_series(slices=MANY_SLICES, rows=16, columns=16, spacing_mm=0.1))
    case = server.wait_for_case(study, "refused", limit_seconds=120)
    assert f"{MANY_SLICES} instances (wanted: at most 600 slices)" in case["reason"]
    page.go(f"#/case/{study}")
    expect(page.locator("aside")).to_contain_text(f"{MANY_SLICES} instances", timeout=20000)
    expect(page.locator(".viewer")).to_contain_text("at most 600 slices")


def test_a_study_that_nobody_looked_at_yet(page, server):
    server.configuration["H3K27M"]["Triage"] = "off"
    server.stop()
    server.start()
    study = server.send_all(make_series(PatientID="NOBODY"))
    page.go(f"#/case/{study}")
    expect(page.locator("aside")).to_contain_text("This study was not looked at.")
    expect(page.locator(".viewer .note")).to_contain_text("slice 4 of 6")   # a labelling tool all the same
