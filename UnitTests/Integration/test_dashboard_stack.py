# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack of a case and the mask that is drawn in it: what is shown is what is there, and nothing drawn is lost unasked."""

import re

import pytest
import requests
from playwright.sync_api import expect

from series_builder import make_series
from test_dashboard import SIZES, brightest, browser, open_case, wait_in_page, watched_page   # noqa: F401 - a fixture
from test_pacs import TestPacs

PIECE = 16   # slices that are fetched at once


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("stack"), build) as pacs:
        pacs.phantom = pacs.make_phantom(seed=4, slices=3 * PIECE)
        pacs.case = pacs.wait_for_case(pacs.phantom["study"], "done")
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


def centre(page):
    box = page.locator(".viewer").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def press_brush(page, to=40):
    """A stroke from the middle to the right that has not ended."""
    x, y = centre(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + to, y + 10, steps=6)


def draw(page, to=40):
    press_brush(page, to)
    page.mouse.up()


def mask_of(server):
    return requests.get(f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/mask", timeout=60).json()


def view_of(server):
    return server.client.get(f"/h3k27m/cases/{server.phantom['study']}/view")


def test_a_slice_that_is_not_there_yet_shows_no_other_one_and_takes_no_stroke(page, server):
    held = []
    page.route("**/voxels?first=32&*", lambda route: held.append(route))
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").click()
    page.locator(".viewer").focus()
    page.keyboard.press("End")
    expect(page.locator(".viewer .note")).to_contain_text("loading")
    page.wait_for_timeout(200)
    assert brightest(page) == [0, 0], "neither another slice's image nor a mask on nothing"
    draw(page)
    page.wait_for_timeout(200)
    assert brightest(page) == [0, 0]
    for route in held:
        route.continue_()
    expect(page.locator(".viewer .note")).not_to_contain_text("loading")
    page.wait_for_timeout(200)
    assert brightest(page)[0] > 0
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("The mask is empty")


def test_the_sides_are_marked_at_the_edges_of_the_slice(page, server):
    open_case(page, server)
    affine = view_of(server)["affine"]
    for axis, first, last in ((0, "left", "right"), (1, "top", "bottom")):
        along = [line[axis] for line in affine]
        longest = max(range(3), key=lambda i: abs(along[i]))
        towards = "RAS"[longest] if along[longest] > 0 else "LPI"[longest]
        opposite = "LPI"[longest] if along[longest] > 0 else "RAS"[longest]
        expect(page.locator(f".edge[data-edge={last}]")).to_have_text(towards)
        expect(page.locator(f".edge[data-edge={first}]")).to_have_text(opposite)
    # As the phantom lies, the patient's left is on the right, as radiologists look.
    expect(page.locator(".edge[data-edge=left]")).to_have_text("R")
    expect(page.locator(".edge[data-edge=top]")).to_have_text("A")
    before = page.locator(".edge[data-edge=bottom]").bounding_box()
    page.keyboard.down("Shift")
    press_brush(page, -80)   # no brush is in the hand: the slice moves
    page.mouse.up()
    page.keyboard.up("Shift")
    assert page.locator(".edge[data-edge=bottom]").bounding_box()["x"] < before["x"] - 60


def test_an_image_is_called_as_the_report_calls_it(page, server):
    """The server may say the instance numbers; the report names slices by them."""
    view = view_of(server)
    names = {"numbers": [100 - i for i in range(view["slices"])], "are_shown": True}
    page.route("**/view", lambda route: route.fulfill(json={**view, "slice_names": names}))
    open_case(page, server)
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    expect(page.locator(".viewer .note")).to_contain_text(f"image 100, slice 1 of {view['slices']}")
    # No numbers that tell the images apart: the report counts from the feet, whichever way the stack runs.
    names["are_shown"], names["numbers"] = False, list(range(view["slices"], 0, -1))
    page.reload()
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    expect(page.locator(".viewer .note")).to_contain_text(f"slice {view['slices']} of {view['slices']}")


def test_other_images_are_not_shown_under_the_names_of_those_that_were_opened(page, server):
    """The series was sent anew, or another one is taken now, while the page was open."""
    view = view_of(server)
    page.route("**/view", lambda route: route.fulfill(json={**view, "stack": "2.25.7"}))
    page.route("**/mask-voxels?*", lambda route: route.fulfill(body=b""))
    page.go(f"#/case/{server.phantom['study']}")
    expect(page.locator(".viewer .note")).to_contain_text("others than those that were opened")


def test_a_mask_on_a_series_that_lacks_a_slice_is_stored_on_the_slices_that_it_was_drawn_on(page, server):
    datasets = make_series(slices=8)
    study = server.send_all(ds for index, ds in enumerate(datasets) if index != 3)
    server.wait_for_case(study, "done")
    assert server.client.get(f"/h3k27m/cases/{study}/view")["places"] == [0, 1, 2, 4, 5, 6, 7]
    page.go(f"#/case/{study}")
    note = page.locator(".viewer .note")
    expect(note).to_contain_text("window", timeout=20000)
    page.get_by_role("button", name="Draw a new mask").click()
    for keys, place in ((["Home"] + 3 * ["ArrowDown"], "slice 4 of 7"), (["End"], "slice 7 of 7")):
        page.locator(".viewer").focus()
        for key in keys:
            page.keyboard.press(key)
        expect(note).to_contain_text(place)
        draw(page)
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)

    beyond = [datasets[4], datasets[7]]   # the first one after the gap, and the last
    mask = requests.get(f"{server.client.url}/h3k27m/cases/{study}/mask", timeout=60).json()
    assert {one["sop_instance_uid"] for one in mask["slices"]} == {ds.SOPInstanceUID for ds in beyond}
    segmentation = server.dataset(mask["segmentation"])
    heights = [frame.PlanePositionSequence[0].ImagePositionPatient[2] for frame in segmentation.PerFrameFunctionalGroupsSequence]
    assert sorted(map(float, heights)) == [float(ds.ImagePositionPatient[2]) for ds in beyond]


def test_saliency_is_not_laid_over_other_images_than_those_that_it_was_computed_of(page, server):
    study = server.phantom["study"]
    result = dict(server.case["result"])
    assert result["stack"] == view_of(server)["stack"]
    page.route(f"**/cases/{study}", lambda route: route.fulfill(json={**server.case, "result": result}))
    open_case(page, server)
    expect(page.get_by_label("Saliency", exact=True)).to_have_count(1)
    result["stack"] = "2.25.7"   # an image went or came, of the same series
    page.reload()
    expect(page.locator("aside")).to_contain_text("computed of other images than these", timeout=20000)
    expect(page.get_by_label("Saliency", exact=True)).to_have_count(0)
    del result["stack"]   # made before it was noted: the series tells
    page.reload()
    expect(page.get_by_label("Saliency", exact=True)).to_have_count(1, timeout=20000)


def test_nothing_scrolls_during_a_stroke_and_an_interrupted_one_ends(page, server):
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").click()
    page.locator(".viewer").focus()
    note = page.locator(".viewer .note")
    place = note.text_content().split(",")[0]
    press_brush(page)
    page.mouse.wheel(0, 300)
    page.keyboard.press("PageDown")
    page.get_by_label("Saliency", exact=True).evaluate("box => box.click()")   # comes late, and would go to its slice
    page.wait_for_timeout(1500)
    expect(note).to_contain_text(place)
    page.get_by_label("Saliency", exact=True).evaluate("box => box.click()")
    page.locator(".viewer").dispatch_event("pointercancel", {"pointerId": 1})
    page.wait_for_timeout(200)
    drawn = brightest(page)[1]
    x, y = centre(page)
    page.mouse.move(x - 60, y - 60, steps=5)
    page.wait_for_timeout(200)
    assert brightest(page)[1] == drawn, "the brush is lifted"
    page.mouse.up()
    page.keyboard.press("PageDown")
    expect(note).not_to_contain_text(place)
    page.keyboard.press("Control+z")
    expect(note).to_contain_text(place)


def test_zoom_by_keys_is_bounded_and_leaves_the_browsers_own_alone(page, server):
    open_case(page, server)
    page.locator(".viewer").focus()
    for _ in range(40):
        page.keyboard.press("-")
    page.wait_for_timeout(200)
    assert page.locator(".viewer canvas").bounding_box()["height"] > 100
    kept = page.evaluate("""() => ["+", "-", "0"].map((key) => document.querySelector(".viewer").dispatchEvent(
      new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, cancelable: true })))""")
    assert kept == [True, True, True], "the browser zooms the page"


def test_an_unsaved_mask_is_not_left_without_a_question(page, server):
    open_case(page, server)
    address = page.url
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss() if len(asked) == 1 else dialog.accept()))
    page.get_by_role("button", name="Draw a new mask").click()
    draw(page)
    page.get_by_role("link", name="Queue").click()
    assert "not saved" in wait_in_page(page, lambda: asked)[0]
    page.wait_for_timeout(300)
    assert len(asked) == 1
    assert page.url == address
    expect(page.get_by_role("button", name="Save the mask")).to_be_visible()
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("h1")).to_have_text("Queue")
    page.get_by_role("link", name="Status").click()
    expect(page.locator("h1")).to_have_text("Status")
    assert len(asked) == 2


def test_what_was_drawn_can_be_discarded(page, server):
    open_case(page, server)
    page.on("dialog", lambda dialog: dialog.accept())
    stored = mask_of(server)["voxels"]
    page.get_by_role("button", name="Edit this mask").click()
    page.wait_for_timeout(200)
    before = brightest(page)
    draw(page)
    page.wait_for_timeout(200)
    assert brightest(page) != before
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Draw a new mask")).to_be_visible()
    page.wait_for_timeout(200)
    assert brightest(page) == before and mask_of(server)["voxels"] == stored
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("h1")).to_have_text("Queue")


def test_after_a_conflict_a_second_save_means_it_and_a_stroke_on_the_way_stays_unsaved(page, server):
    open_case(page, server)
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.get_by_label("Name of the reader").fill("Expert^Two")
    page.get_by_role("button", name="Edit this mask").click()
    draw(page)
    other = requests.put(f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/mask", timeout=60,
                         json={"segmentation": mask_of(server)["segmentation"]}, headers={"H3K27M-Creator": "Expert^One"})
    assert other.ok, other.text
    save = page.get_by_role("button", name="Save the mask")
    save.click()
    told = page.get_by_role("alert").filter(has_text="Another person has saved a mask")
    expect(told).to_contain_text("Expert One", timeout=20000)
    assert mask_of(server)["creator"] == "Expert^One"

    held = []
    sent = []
    page.route("**/mask", lambda route: (sent.append(route.request.headers), held.append(route)))
    save.click()
    expect(page.get_by_role("button", name="Saving")).to_be_disabled()
    wait_in_page(page, lambda: held)
    assert [headers["h3k27m-replaces"] for headers in sent] == [other.json()["segmentation_instance_uid"]]
    draw(page, 90)   # while the mask is on its way
    held[0].fallback()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    page.unroute("**/mask")
    mine = mask_of(server)
    assert mine["creator"] == "Expert^Two"
    page.get_by_role("link", name="Queue").click()   # asked, and the answer is no
    expect(save).to_be_visible()
    with page.expect_response("**/mask"):
        save.click()
    expect(told).to_have_count(0)
    assert mask_of(server)["voxels"] > mine["voxels"]


def test_a_corrected_mask_stays_one_when_it_is_edited_again(page, server):
    open_case(page, server)
    page.get_by_label("Name of the reader").fill("Expert^Two")
    page.get_by_role("button", name="Correct the model's mask").click()
    draw(page)
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    first = mask_of(server)
    assert first["algorithm_type"] == "SEMIAUTOMATIC"
    view = view_of(server)
    view["masks"]["human"]["algorithm_type"] = "SEMIAUTOMATIC"
    page.route("**/view", lambda route: route.fulfill(json=view))
    page.reload()
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    page.get_by_role("button", name="Edit this mask").click()
    draw(page, -90)
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    second = mask_of(server)
    assert second["segmentation_instance_uid"] != first["segmentation_instance_uid"]
    assert second["algorithm_type"] == "SEMIAUTOMATIC"


def test_the_layer_of_a_new_mask_can_be_hidden(page, server):
    address = f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/mask"
    assert requests.delete(address, timeout=60).ok
    open_case(page, server)
    expect(page.get_by_label("Human mask", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Draw a new mask").click()
    page.get_by_label("Model's mask", exact=True).uncheck()
    draw(page)
    page.wait_for_timeout(200)
    assert brightest(page)[1] > 50
    page.get_by_label("Human mask", exact=True).uncheck()
    page.wait_for_timeout(200)
    assert brightest(page)[1] < 5


def test_saliency_that_is_asked_for_twice_is_one_layer(page, server):
    asked = []
    page.route("**/preview", lambda route: (asked.append(route.request.url), route.fallback()))
    open_case(page, server)
    page.evaluate("""() => {
      const box = [...document.querySelectorAll(".saliency input[type=checkbox]")][0];
      box.click(); box.click(); box.click(); box.click();
    }""")
    page.wait_for_timeout(1500)
    expect(page.get_by_label("Saliency", exact=True)).not_to_be_checked()
    assert len(asked) == len(server.case["result"]["saliency_slices"])
    for mask in page.get_by_label("mask", exact=False).and_(page.locator("input[type=checkbox]")).all():
        mask.uncheck()
    page.wait_for_timeout(200)
    assert brightest(page)[1] < 5, "as the box says: off"


def store_human_mask(server, creator):
    """The model's mask, as a person's who took it over; its SOPInstanceUID."""
    stored = requests.put(f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/mask", timeout=60,
                          json={"segmentation": server.case["result"]["segmentation"]}, headers={"H3K27M-Creator": creator})
    assert stored.ok, stored.text
    return stored.json()["segmentation_instance_uid"]


def test_nothing_is_drawn_into_a_hidden_layer_nor_with_shift(page, server):
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").click()
    page.get_by_label("Model's mask", exact=True).uncheck()
    draw(page)
    page.wait_for_timeout(200)
    drawn = brightest(page)[1]
    note = page.locator(".viewer .note")
    window = note.text_content().split(", ")[-1]
    human = page.get_by_label("Human mask", exact=True)
    human.uncheck()
    draw(page, -90)
    expect(note).not_to_contain_text(window)
    human.check()
    page.wait_for_timeout(200)
    assert brightest(page)[1] == drawn > 50

    canvas = page.locator(".viewer canvas")
    before = canvas.bounding_box()
    page.keyboard.down("Shift")
    draw(page, -80)
    page.keyboard.up("Shift")
    assert canvas.bounding_box()["x"] < before["x"] - 60
    page.wait_for_timeout(200)
    assert brightest(page)[1] == drawn


def test_a_review_waits_for_a_mask_that_took_the_place_of_the_stored_one(page, server):
    """No stroke was made, and yet what is shown is not what the review would refer to."""
    store_human_mask(server, "Expert^One")
    address = f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/review"
    open_case(page, server)
    panel = page.get_by_role("region", name="Review")
    expect(panel).to_contain_text("The review refers to the human mask of Expert One")
    panel.get_by_label("Mark uncertain").check()
    panel.get_by_label("Reason").fill("motion")
    panel.get_by_label("Name of the reader").fill("Expert^Two")
    panel.get_by_label("Organisation").fill("Bonn")
    store = panel.get_by_role("button", name="Store the review")
    refusals = page.locator("#message p", has_text="The mask that is shown here is not saved")
    for refused, start in enumerate(("Correct the model's mask", "Draw a new mask"), 1):
        page.get_by_role("button", name=start).click()
        store.click()
        expect(refusals).to_have_count(refused)
        assert requests.get(address, timeout=60).status_code == 404
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_role("button", name=start)).to_be_visible()
    store.click()
    expect(panel.get_by_role("status")).to_contain_text("uncertain", timeout=20000)
    assert requests.get(address, timeout=60).json()["reason"] == "motion"


def test_a_mask_that_cannot_be_saved_says_why_and_can_be_kept_as_a_file(page, server, tmp_path):
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").click()
    draw(page)
    view = view_of(server)
    page.route("**/view", lambda route: route.fulfill(json={**view, "stack": "2.25.7"}))   # an image came or went
    save = page.get_by_role("button", name="Save the mask")
    save.click()
    masks = page.locator("aside section", has=page.get_by_role("heading", name="Masks"))
    told = masks.get_by_role("alert")   # and not where messages go away by themselves
    expect(told).to_contain_text("The mask is not saved. The images of this series are others than those that the mask was drawn on")
    with page.expect_download() as download:
        told.get_by_role("button", name="Keep it as a file (NIfTI)").click()
    assert download.value.suggested_filename == f"mask-{view['series']}.nii"
    path = tmp_path / "mask.nii"
    download.value.save_as(path)
    file = path.read_bytes()
    assert int.from_bytes(file[:4], "little") == 348
    assert len(file) == 352 + view["rows"] * view["columns"] * (view["places"][-1] + 1)

    page.unroute("**/view")
    save.click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    expect(told).to_be_empty()
    assert mask_of(server)["voxels"] == sum(file[352:]) > 0


def test_a_stored_mask_is_withdrawn_by_who_has_seen_it_and_the_page_shows_what_is_left(page, server):
    """Drawn in the wrong patient's case, say. What a review names stays as long as the review does."""
    address = f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/review"
    while (earlier := requests.get(address, timeout=60)).ok:
        server.client.request("DELETE", f"/series/{earlier.json()['series']}")
    while requests.delete(f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/mask", timeout=60).ok:
        pass   # what the tests before left
    seen = store_human_mask(server, "Expert^One")
    review = requests.post(address, timeout=60, json={
        "decision": "uncertain", "reason": "motion", "reviewer": "Expert^One", "organisation": "Bonn", "mask": seen,
        "result": server.case["result"]["report_instance_uid"], "replaces": ""})
    assert review.ok, review.text
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    open_case(page, server)
    panel = page.get_by_role("region", name="Review")
    human = page.get_by_label("Human mask", exact=True)
    withdraw = page.get_by_role("button", name="Withdraw the mask")
    expect(panel).to_contain_text("The review refers to the human mask of Expert One")
    page.get_by_role("button", name="Draw a new mask").click()
    expect(withdraw).to_have_count(0)
    page.get_by_role("button", name="Save the mask").click()   # nothing is how one would like to say it
    expect(page.locator("#message")).to_contain_text("To take the stored one away, discard this one, then withdraw that")
    page.get_by_role("button", name="Discard").click()

    other = store_human_mask(server, "Expert^Two")
    withdraw.click()
    told = page.get_by_role("alert").filter(has_text="Another person has saved a mask of this case meanwhile (Expert Two)")
    expect(told).to_contain_text("Nothing was withdrawn", timeout=20000)
    expect(panel).to_contain_text("The review refers to the human mask of Expert Two")
    expect(human).to_be_checked()
    assert mask_of(server)["segmentation_instance_uid"] == other

    withdraw.click()
    again = page.get_by_role("alert").filter(has_text="is in force again")
    expect(again).to_contain_text("The one that was there before (Expert One), which a review names", timeout=20000)
    expect(panel).to_contain_text("The review refers to the human mask of Expert One")
    assert mask_of(server)["segmentation_instance_uid"] == seen

    withdraw.click()
    expect(page.locator("#message")).to_contain_text("A review of the study names this mask", timeout=20000)
    assert mask_of(server)["segmentation_instance_uid"] == seen
    server.client.request("DELETE", f"/series/{review.json()['series']}")
    withdraw.click()
    expect(page.locator("#message")).to_contain_text("The mask is withdrawn from the study", timeout=20000)
    expect(told).to_have_count(0)
    expect(human).to_have_count(0)
    expect(withdraw).to_have_count(0)
    expect(panel).to_contain_text("No human mask")
    assert view_of(server)["masks"]["human"] is None
    assert len(asked) == 4 and "Withdraw the human mask" in asked[0]


def test_the_keyboard_keeps_its_place_when_a_mask_is_drawn_saved_or_discarded(page, server):
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").press("Enter")
    expect(page.get_by_role("button", name="Brush")).to_be_focused()
    draw(page)
    save = page.get_by_role("button", name="Save the mask")
    save.press("Enter")
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    expect(save).to_be_focused()
    page.get_by_role("button", name="Discard").press("Enter")
    expect(page.get_by_role("button", name="Correct the model's mask")).to_be_focused()


def test_a_stroke_after_a_lost_answer_is_saved_over_ones_own_mask(page, server):
    open_case(page, server)
    page.get_by_label("Name of the reader").fill("Expert^Two")
    page.get_by_role("button", name="Draw a new mask").click()
    draw(page)
    page.route("**/mask", lambda route: (route.fetch(), route.fulfill(status=504, body="")))
    save = page.get_by_role("button", name="Save the mask")
    save.click()
    masks = page.locator("aside section", has=page.get_by_role("heading", name="Masks"))
    expect(masks.get_by_role("alert")).to_contain_text("It is not known whether the mask is saved", timeout=20000)
    page.unroute("**/mask")
    first = mask_of(server)
    assert first["creator"] == "Expert^Two"
    draw(page, -90)
    save.click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    expect(masks.get_by_role("alert")).to_be_empty()
    assert mask_of(server)["voxels"] > first["voxels"]


def test_after_a_lost_answer_another_persons_mask_is_still_told(page, server):
    open_case(page, server)
    page.get_by_label("Name of the reader").fill("Expert^Two")
    page.get_by_role("button", name="Draw a new mask").click()
    draw(page, 70)
    page.route("**/mask", lambda route: route.fulfill(status=504, body=""))   # it did not arrive
    save = page.get_by_role("button", name="Save the mask")
    save.click()
    masks = page.locator("aside section", has=page.get_by_role("heading", name="Masks"))
    expect(masks.get_by_role("alert")).to_contain_text("It is not known", timeout=20000)
    page.unroute("**/mask")
    other = store_human_mask(server, "Expert^One")
    save.click()
    expect(masks.get_by_role("alert")).to_contain_text("Another person has saved a mask of this case meanwhile (Expert One)", timeout=20000)
    assert mask_of(server)["segmentation_instance_uid"] == other


def test_the_link_to_a_persons_mask_is_of_the_one_that_is_there(page, server):
    study = server.make_phantom(seed=62)["study"]
    server.wait_for_case(study, "done")
    address = f"{server.client.url}/h3k27m/cases/{study}/mask"
    page.on("dialog", lambda dialog: dialog.accept())
    page.go(f"#/case/{study}")
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    planted, link = (page.get_by_role("link", name=f"{whose} SEG") for whose in ("Planted", "Human"))
    expect(planted).to_be_visible(timeout=20000)
    seen = set()
    for to in (40, 90):   # in place of the planted one, then of one's own
        page.get_by_role("button", name="Draw a new mask").click()
        draw(page, to)
        with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.url.endswith("/mask")):
            page.get_by_role("button", name="Save the mask").click()
        stored = requests.get(address, timeout=60).json()["segmentation"]
        expect(link).to_have_attribute("href", re.compile(f"/instances/{stored}/file$"), timeout=20000)
        expect(planted).to_have_count(0)
        seen.add(stored)
        page.get_by_role("button", name="Discard").click()
    assert len(seen) == 2
    page.get_by_role("button", name="Withdraw the mask").click()
    expect(page.locator("#message")).to_contain_text("The mask is withdrawn from the study", timeout=20000)
    expect(link).to_have_count(0)


def test_nothing_is_drawn_while_a_mask_is_discarded(page, server):
    """The stored mask is on its way then: a stroke would vanish, or go on in that one."""
    store_human_mask(server, "Expert^One")
    page.on("dialog", lambda dialog: dialog.accept())
    open_case(page, server)
    page.wait_for_timeout(200)
    stored = brightest(page)[1]
    edit = page.get_by_role("button", name="Edit this mask")
    edit.click()
    draw(page)
    held = []
    page.route("**/mask-voxels?kind=human&*", lambda route: held.append(route))
    page.get_by_role("button", name="Discard").click()
    wait_in_page(page, lambda: held)
    expect(page.get_by_role("button", name="Brush")).to_be_disabled()
    press_brush(page, -90)
    held[0].continue_()
    expect(edit).to_be_enabled(timeout=20000)
    x, y = centre(page)
    page.mouse.move(x, y - 60, steps=6)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert brightest(page)[1] == stored


def test_a_discarded_mask_that_is_not_replaced_is_drawn_on(page, server):
    store_human_mask(server, "Expert^One")
    page.on("dialog", lambda dialog: dialog.accept())
    open_case(page, server)
    page.get_by_role("button", name="Edit this mask").click()
    page.route("**/mask-voxels?kind=human&*", lambda route: route.fulfill(status=500, body=""))
    page.get_by_role("button", name="Discard").click()
    brush = page.get_by_role("button", name="Brush")
    expect(brush).to_be_enabled(timeout=20000)
    expect(brush).to_have_attribute("aria-pressed", "true")
