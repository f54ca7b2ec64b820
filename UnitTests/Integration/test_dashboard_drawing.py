# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks over the images: which is which, outlines, the brush's reach, strokes taken back and made again, and how far two agree."""

import pytest
import requests
from playwright.sync_api import expect

from test_dashboard import browser, open_case   # noqa: F401 - a fixture
from test_dashboard_viewer import SLICES, middle, page, server   # noqa: F401 - fixtures


def coloured(page):   # noqa: F811
    """Of the slice that is shown: how many pixels are coloured, and whether the one in the middle of them is."""
    page.wait_for_timeout(200)
    return page.evaluate("""() => {
      const canvas = document.querySelector(".viewer canvas");
      const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const isColoured = (i) => Math.max(...data.slice(4 * i, 4 * i + 3)) - Math.min(...data.slice(4 * i, 4 * i + 3)) > 30;
      const found = [...Array(data.length / 4).keys()].filter(isColoured);
      const mean = (values) => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
      const centre = mean(found.map((i) => Math.floor(i / width))) * width + mean(found.map((i) => i % width));
      return [found.length, isColoured(centre)];
    }""")


def test_masks_are_told_apart_by_colour_and_can_be_outlines_in_this_tab(page, server):   # noqa: F811
    open_case(page, server)
    swatches = page.locator("aside .swatch").evaluate_all("all => all.map((one) => getComputedStyle(one).backgroundColor)")
    assert len(swatches) == len(set(swatches)) == 2, "the model's mask and the one that is planted"
    page.get_by_label("Model's mask", exact=True).uncheck()   # the planted one is in one piece
    filled, is_filled = coloured(page)
    assert is_filled
    outlines = page.get_by_label("Outlines only")
    outlines.check()
    edge, is_filled = coloured(page)
    assert 0 < edge < filled and not is_filled
    page.reload()
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    expect(outlines).to_be_checked()
    page.get_by_label("Model's mask", exact=True).uncheck()
    assert coloured(page) == [edge, False]
    outlines.uncheck()
    assert coloured(page) == [filled, True]


def test_an_outline_is_found_once_for_each_slice_and_anew_after_a_stroke(page, server):   # noqa: F811
    open_case(page, server)
    page.evaluate("""async () => {
      const { Mask } = await import(new URL("volume.js", document.baseURI));
      const { findEdge } = Mask.prototype;
      window.found = [];
      Mask.prototype.findEdge = function (slice) { window.found.push(slice); return findEdge.call(this, slice); };
    }""")
    page.get_by_label("Outlines only").check()
    page.locator(".viewer").focus()
    for key in 3 * ["Home", *(SLICES - 1) * ["ArrowDown"]]:
        page.keyboard.press(key)
    times, slices = page.evaluate("() => [window.found.length, new Set(window.found).size]")
    assert times == slices > 0

    page.get_by_role("button", name="Draw a new mask").click()
    page.get_by_label("Model's mask", exact=True).uncheck()
    x, y = middle(page)
    page.mouse.click(x, y)
    small, _ = coloured(page)
    page.mouse.click(x + 40, y)
    large, _ = coloured(page)
    assert large > small > 0


def start_drawing(page, server):   # noqa: F811
    """A new mask, and nothing else that is coloured; the slider of the brush's size."""
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").click()
    page.get_by_label("Model's mask", exact=True).uncheck()
    return page.get_by_label("Size of the brush")


def test_a_ring_shows_what_the_brush_reaches_down_to_one_voxel(page, server):   # noqa: F811
    size = start_drawing(page, server)
    ring, canvas = page.locator(".viewer .ring"), page.locator(".viewer canvas")
    expect(ring).to_be_hidden()
    x, y = middle(page)
    page.mouse.move(x + 20, y - 10)
    expect(ring).to_be_visible()
    box = ring.bounding_box()
    voxel = canvas.bounding_box()["width"] / 128   # columns of the phantom
    assert [box["width"], box["height"]] == pytest.approx([8 * voxel, 8 * voxel], abs=1)
    assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == pytest.approx((x + 20, y - 10), abs=1)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_timeout(200)
    assert ring.bounding_box()["width"] > 1.2 * box["width"], "it grows with the image"

    size.press("Home")
    expect(page.get_by_text("Size: 1 voxel", exact=True)).to_be_visible()
    page.mouse.click(x, y)
    assert coloured(page)[0] == 1
    size.press("ArrowRight")
    page.mouse.click(x, y)
    assert 1 < coloured(page)[0] <= 5
    page.get_by_role("button", name="Brush").click()   # out of the hand
    page.mouse.move(x, y)
    expect(ring).to_be_hidden()


def test_strokes_are_undone_and_made_again_and_a_slice_is_cleared_as_one(page, server):   # noqa: F811
    start_drawing(page, server)
    x, y = middle(page)
    counts = [0]
    for step in range(3):
        page.mouse.click(x + 40 * step, y)
        counts.append(coloured(page)[0])
    assert counts == sorted(set(counts))
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    undo.click()
    undo.click()
    assert coloured(page)[0] == counts[1]
    redo.click()
    assert coloured(page)[0] == counts[2]
    page.locator(".viewer").focus()
    page.keyboard.press("Control+Shift+Z")
    assert coloured(page)[0] == counts[3]
    redo.click()   # there is nothing more
    assert coloured(page)[0] == counts[3]

    page.get_by_role("button", name="Clear this slice").click()
    assert coloured(page)[0] == 0
    page.locator(".viewer").focus()
    page.keyboard.press("Control+z")
    assert coloured(page)[0] == counts[3]
    page.keyboard.press("Control+y")
    assert coloured(page)[0] == 0
    page.keyboard.press("Control+z")
    undo.click()
    page.mouse.click(x, y + 60)   # another stroke: what was taken back is gone
    drawn = coloured(page)[0]
    redo.click()
    assert coloured(page)[0] == drawn


def test_a_click_beside_the_image_is_no_stroke(page, server):   # noqa: F811
    start_drawing(page, server)
    x, y = middle(page)
    page.mouse.click(x, y)
    drawn = coloured(page)[0]
    page.get_by_role("button", name="Undo").click()
    slice_box, host = (page.locator(one).bounding_box() for one in (".viewer canvas", ".viewer"))
    margin = (host["x"] + slice_box["x"]) / 2
    assert margin < slice_box["x"] - 30, "there is a margin"
    page.mouse.click(margin, y)
    page.get_by_role("button", name="Redo").click()   # what was taken back is still there
    assert coloured(page)[0] == drawn
    page.get_by_role("button", name="Undo").click()
    page.mouse.click(margin, y)
    page.get_by_role("link", name="Queue").click()   # unasked
    expect(page.locator("h1")).to_have_text("Queue")


def test_what_is_undone_and_made_again_is_as_saved_as_it_was(page, server):   # noqa: F811
    start_drawing(page, server)
    page.mouse.click(*middle(page))
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("link", name="Queue").click()   # unasked
    expect(page.locator("h1")).to_have_text("Queue")


def marked(server, kind):   # noqa: F811
    """Of a mask as the server gives it: the set of (slice, number of the voxel in it)."""
    address = f"{server.client.url}/h3k27m/cases/{server.phantom['study']}"
    view = requests.get(f"{address}/view", timeout=60).json()
    content = requests.get(f"{address}/mask-voxels", params={"kind": kind, "stack": view["stack"]}, timeout=60).content
    record = 4 + -(-view["rows"] * view["columns"] // 8)
    return {(int.from_bytes(content[at:at + 4], "little"), 8 * byte + bit)
            for at in range(0, len(content), record) for byte in range(record - 4) for bit in range(8)
            if content[at + 4 + byte] >> bit & 1}


def test_how_far_the_model_and_a_person_agree_is_told_over_the_whole_volume(page, server):   # noqa: F811
    open_case(page, server)
    told = page.locator("aside p", has_text="Dice of the model's and the")
    page.get_by_role("button", name="Correct the model's mask").click()
    expect(told).to_contain_text("human mask: 1.000, as drawn here")
    x, y = middle(page)
    page.mouse.click(x + 80, y - 60)
    expect(told).not_to_contain_text("1.000")
    page.get_by_role("button", name="Undo").click()
    expect(told).to_contain_text("1.000")
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    model, human = marked(server, "model"), marked(server, "human")
    dice = 2 * len(model & human) / (len(model) + len(human))
    assert 0.1 < dice < 0.999
    expect(told).to_have_text(f"Dice of the model's and the human mask: {dice:.3f}")
    page.reload()
    expect(told).to_have_text(f"Dice of the model's and the human mask: {dice:.3f}", timeout=20000)
    page.get_by_role("button", name="Draw a new mask").click()
    expect(told).to_have_count(0)   # there is nothing yet
