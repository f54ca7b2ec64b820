# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a case: what it says of the computation and of the past, and that nothing typed beside the images hangs on them."""

import re

import pytest
import requests
from playwright.sync_api import expect

from series_builder import make_series
from test_dashboard import browser, open_case, shoot, wait_in_page, watched_page   # noqa: F401 - a fixture
from test_dashboard_stack import draw
from test_pacs import TestPacs


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("case"), build) as pacs:
        pacs.phantom = pacs.make_phantom(seed=21, slices=24)
        pacs.wait_for_case(pacs.phantom["study"], "done")
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


def case_address(server):
    return f"{server.client.url}/h3k27m/cases/{server.phantom['study']}"


def test_the_history_tells_what_the_model_said_and_who_did_what(page, server):
    review = {"decision": "uncertain", "reason": "motion", "reviewer": "Lee^Ann", "organisation": "Bonn"}
    seen = requests.get(case_address(server), timeout=60).json()
    answer = requests.post(f"{case_address(server)}/review", timeout=60, json={**review, "result": seen["report_instance_uid"], "replaces": ""})
    assert answer.ok, answer.text
    entries = requests.get(f"{case_address(server)}/history", timeout=60).json()["entries"]
    assert entries[0]["action"] == "review" and entries[0]["by"] == "Lee^Ann"
    computed = next(entry for entry in entries if entry["action"] == "computed")
    assert computed["state"] == "done" and computed["details"]["model"] == seen["model"]["name"]
    assert requests.get(f"{server.client.url}/h3k27m/cases/nobody/history", timeout=60).status_code == 404

    open_case(page, server)
    page.get_by_text("What happened to this case").click()
    history = page.locator("ol.history li")
    expect(history.first).to_contain_text("review stored: uncertain, motion, Lee Ann")
    expect(history.filter(has_text="done")).to_contain_text([f"by {seen['model']['name']} (version"])
    history.last.scroll_into_view_if_needed()
    shoot(page, "history")


def test_the_page_says_which_series_was_read(page, server):
    open_case(page, server)
    side = page.locator("aside")
    expect(side.locator("summary", has_text="read: ")).to_have_count(1)
    name = side.locator("summary", has_text="read: ").inner_text().removeprefix("read: ")
    expect(side).to_contain_text(f"Images: {name}")
    expect(side.locator("dt", has_text="Series")).to_have_count(1)


def test_a_series_that_was_not_taken_is_read_by_hand_and_the_choice_given_back(page, server):
    study = server.send_all(make_series(SeriesDescription="AX FLAIR"))
    server.wait_for_case(study, "refused")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.go(f"#/case/{study}")
    side, instead = page.locator("aside"), page.get_by_role("button", name="Read this series instead: AX FLAIR")
    side.locator("summary", has_text="not taken: AX FLAIR").click()
    instead.click()
    expect(page.locator("#message")).to_contain_text("Queued: this series is read")
    expect(side).to_contain_text("Chosen by hand: AX FLAIR")
    page.get_by_role("button", name="Show what it came to").click(timeout=60000)
    expect(side.locator("summary", has_text="read, chosen by hand: AX FLAIR")).to_have_count(1, timeout=20000)
    expect(side).to_contain_text("The series was chosen by hand; the rules speak against it: description")
    expect(instead).to_have_count(0)
    shoot(page, "series-by-hand")

    page.get_by_role("button", name="Back to the automatic choice").click()
    page.get_by_role("button", name="Show what it came to").click(timeout=60000)
    expect(page.locator("h1 .badge")).to_have_text("refused", timeout=20000)
    expect(page.get_by_role("button", name="Back to the automatic choice")).to_have_count(0)
    assert len(asked) == 2 and "AX FLAIR" in asked[0]


def test_a_patient_is_found_by_the_name_as_it_is_shown(page, server):
    patient = server.client.get(f"/studies/{server.phantom['study']}")["PatientMainDicomTags"]
    shown = patient["PatientName"].replace("^", " ")
    assert " " in shown, "a name of two parts"
    page.go()
    page.get_by_label("Patient").fill(shown)
    expect(page.locator(f"a[href='#/case/{server.phantom['study']}']")).to_be_visible(timeout=10000)
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_label_that_is_typed_while_images_load_is_not_left_unasked(page, server):
    held = []
    page.route("**/mask-voxels?*", lambda route: held.append(route))
    page.go(f"#/case/{server.phantom['study']}")
    page.get_by_label("site").fill("Bonn")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("link", name="Queue").click()
    wait_in_page(page, lambda: asked)
    expect(page.get_by_label("site")).to_have_value("Bonn")
    for route in held:
        route.continue_()


def test_masks_that_do_not_come_leave_what_was_typed(page, server):
    held = []
    page.route("**/mask-voxels?*", lambda route: held.append(route))
    page.go(f"#/case/{server.phantom['study']}")
    page.get_by_label("site").fill("Bonn")
    wait_in_page(page, lambda: held)
    held[0].abort()
    expect(page.locator(".viewer .note")).to_contain_text("The images cannot be shown")
    expect(page.get_by_label("site")).to_have_value("Bonn")
    expect(page.get_by_text("load the page again before you store a review")).to_be_visible()
    expect(page.get_by_role("button", name="Store the review")).to_be_disabled()


def test_keys_change_the_window_and_the_slice_is_told(page, server):
    open_case(page, server)
    note = page.locator(".viewer .note")
    page.locator(".viewer").focus()
    width = lambda: float(re.search(r"window \S+ / (\S+)", note.inner_text()).group(1))   # noqa: E731
    before = width()
    page.keyboard.press("[")
    wait_in_page(page, lambda: width() < before)
    page.keyboard.press("]")
    page.keyboard.press("]")
    wait_in_page(page, lambda: width() > before)
    page.keyboard.press("Home")
    expect(page.locator(".viewer [role=status]")).to_contain_text("slice 1 of 24")


def test_a_gene_and_a_reason_stand_only_where_they_apply(page, server):
    open_case(page, server)
    gene, reason = page.get_by_label("gene"), page.get_by_label(re.compile("^Reason for leaving it out"))
    page.get_by_label("assay").select_option("pyrosequencing")
    gene.select_option("H3F3A")
    page.get_by_label("assay").select_option("ihc")
    expect(gene).to_have_value("")
    expect(gene).to_be_disabled()
    page.get_by_label("split").select_option("excluded")
    expect(reason).to_be_enabled()


def test_a_mask_whose_answer_was_lost_is_saved_again_and_is_nobody_elses(page, server):
    open_case(page, server)
    page.get_by_label("Name of the reader").fill("Li")
    page.get_by_role("button", name="Draw a new mask").click()
    draw(page)

    def lose_answer(route):
        if route.request.method == "PUT":
            assert route.fetch().ok
            route.fulfill(status=504, body="")
        else:
            route.continue_()
    page.route(f"**/cases/{server.phantom['study']}/mask", lose_answer)
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("aside")).to_contain_text("It is not known whether the mask is saved", timeout=20000)
    page.unroute(f"**/cases/{server.phantom['study']}/mask")
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("The mask is stored in the study", timeout=20000)
    expect(page.locator("aside")).not_to_contain_text("Another person")


def test_a_study_that_is_deleted_while_its_page_waits_is_told(page, server):
    page.go(f"#/case/{server.phantom['study']}")
    other = server.make_phantom(seed=22, slices=24)["study"]
    page.route(f"**/cases/{other}", lambda route: route.fulfill(
        json={**requests.get(f"{server.client.url}/h3k27m/cases/{other}", timeout=60).json(), "state": "running"}))
    server.wait_for_case(other, "done")
    page.go(f"#/case/{other}")
    expect(page.locator(".badge.running").first).to_be_visible()
    page.unroute(f"**/cases/{other}")
    page.route(f"**/cases/{other}", lambda route: route.fulfill(status=404, json={"Details": "There is no study"}))
    expect(page.get_by_text("This study is not in the archive any more")).to_be_visible(timeout=10000)
