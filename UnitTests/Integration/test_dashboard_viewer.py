# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The viewer under the hand: wheel, pointer, window and layers do what a radiologist expects of them."""

import re

import pytest
from playwright.sync_api import expect

from test_accessibility import faults
from test_dashboard import SIZES, browser, open_case, shoot, watched_page   # noqa: F401 - a fixture
from test_pacs import TestPacs

SLICES = 48   # three of the pieces in which slices are fetched


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("viewer"), build) as pacs:
        pacs.phantom = pacs.make_phantom(seed=4, slices=SLICES)
        pacs.case = pacs.wait_for_case(pacs.phantom["study"], "done")
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


def slice_of(page):
    """The number of the slice that is shown, from 1."""
    page.wait_for_timeout(200)
    return int(re.search(r"slice (\d+) of", page.locator(".viewer .note").inner_text()).group(1))


def middle(page):
    """Of what the viewer has for the slice, above its bar."""
    box, bar = (page.locator(one).bounding_box() for one in (".viewer", ".viewer .bar"))
    return box["x"] + box["width"] / 2, (box["y"] + bar["y"]) / 2


def turn_wheel(page, deltas, mode=0):
    """Turns that come at once, as a trackpad's do."""
    page.evaluate("""([deltas, deltaMode]) => {
      for (const deltaY of deltas) {
        document.querySelector(".viewer").dispatchEvent(new WheelEvent("wheel", { deltaY, deltaMode, bubbles: true, cancelable: true }));
      }
    }""", [deltas, mode])


def test_small_turns_of_a_trackpad_are_added_up_to_a_slice(page, server):
    open_case(page, server)
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    turn_wheel(page, 10 * [12])
    assert slice_of(page) == 2
    turn_wheel(page, 3 * [-100])
    assert slice_of(page) == 1, "the way back begins anew"
    page.wait_for_timeout(300)
    turn_wheel(page, [300])
    assert slice_of(page) == 4
    page.wait_for_timeout(300)
    turn_wheel(page, [67])   # one notch of a mouse, on a screen of 150 %
    assert slice_of(page) == 5
    page.wait_for_timeout(300)
    turn_wheel(page, [3], mode=1)   # in lines
    assert slice_of(page) == 6


def test_the_right_button_moves_the_slice_without_a_menu_and_no_longer_than_it_is_held(page, server):
    open_case(page, server)
    viewer, canvas = page.locator(".viewer"), page.locator(".viewer canvas")
    is_shown = page.evaluate("""() => document.querySelector(".viewer canvas").dispatchEvent(
      new MouseEvent("contextmenu", { bubbles: true, cancelable: true }))""")
    assert not is_shown, "the browser's menu"
    x, y = middle(page)
    before = canvas.bounding_box()["x"]
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 50, y, steps=3)
    assert canvas.bounding_box()["x"] == pytest.approx(before + 50, abs=1)
    viewer.dispatch_event("pointermove", {"pointerId": 1, "buttons": 0, "clientX": x + 200, "clientY": y})   # it was let go unseen
    page.mouse.move(x + 120, y, steps=3)
    assert canvas.bounding_box()["x"] == pytest.approx(before + 50, abs=1)
    page.mouse.up(button="right")


def test_voxels_that_nobody_looks_at_go_when_the_memory_for_them_is_full(page, server):
    open_case(page, server)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/voxels?" in request.url else None)
    kept = page.evaluate("""async (study) => {
      const { Volume } = await import(new URL("volume.js", document.baseURI));
      const view = await (await fetch(new URL(`../cases/${study}/view`, document.baseURI))).json();
      const two = 2 * 16 * view.rows * view.columns * 2;   // pieces of 16 slices, 2 bytes a voxel
      const volume = new Volume(study, view, two);
      const read = (index) => new Promise((resolve, reject) => {
        const voxels = volume.slice(index, (error) => (error ? reject(error) : resolve(read(index))));
        if (voxels) resolve(voxels[view.columns * view.rows / 2]);
      });
      const first = await read(0);
      await read(16);
      await read(0);
      await read(32);   // the piece of slice 16 was not looked at for longest
      const pieces = [...volume.pieces].map(([number, piece]) => [number, piece.byteLength]);
      return { pieces, bytes: pieces.reduce((sum, [, bytes]) => sum + bytes, 0), two, isSame: await read(0) === first, again: await read(16) };
    }""", server.phantom["study"])
    assert [number for number, _ in kept["pieces"]] == [0, 2] and kept["bytes"] <= kept["two"]
    assert kept["isSame"] and isinstance(kept["again"], int)
    assert [re.search(r"first=(\d+)", url).group(1) for url in asked] == ["0", "16", "32", "16"]


def place_on_slice(page, x, y):
    """Of a point of the page: the share of the slice's width and height at which it lies."""
    box = page.locator(".viewer canvas").bounding_box()
    return (x - box["x"]) / box["width"], (y - box["y"]) / box["height"]


def test_zoom_keeps_what_lies_under_the_pointer_and_by_keys_what_lies_in_the_middle(page, server):
    open_case(page, server)
    canvas = page.locator(".viewer canvas")
    x, y = middle(page)
    width = canvas.bounding_box()["width"]
    lesion = (x + 70, y - 50)
    before = place_on_slice(page, *lesion)
    page.mouse.move(*lesion)
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_timeout(200)
    assert canvas.bounding_box()["width"] > 2 * width
    assert place_on_slice(page, *lesion) == pytest.approx(before, abs=0.01)

    page.locator(".viewer").focus()
    central = place_on_slice(page, x, y)   # the slice was moved by the zoom
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert place_on_slice(page, x, y) == pytest.approx(central, abs=0.01)
    page.keyboard.press("0")
    assert canvas.bounding_box()["width"] == pytest.approx(width, abs=1)


def coloured(page):
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


def test_masks_are_told_apart_by_colour_and_can_be_outlines_in_this_tab(page, server):
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


def test_an_outline_is_found_once_for_each_slice_and_anew_after_a_stroke(page, server):
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


def start_drawing(page, server):
    """A new mask, and nothing else that is coloured; the slider of the brush's size."""
    open_case(page, server)
    page.get_by_role("button", name="Draw a new mask").click()
    page.get_by_label("Model's mask", exact=True).uncheck()
    return page.get_by_label("Size of the brush")


def test_a_ring_shows_what_the_brush_reaches_down_to_one_voxel(page, server):
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


def test_strokes_are_undone_and_made_again_and_a_slice_is_cleared_as_one(page, server):
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


def test_what_is_undone_and_made_again_is_as_saved_as_it_was(page, server):
    start_drawing(page, server)
    page.mouse.click(*middle(page))
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("link", name="Queue").click()   # unasked
    expect(page.locator("h1")).to_have_text("Queue")


def test_the_slider_goes_through_the_stack_and_follows_it(page, server):
    open_case(page, server)
    slider = page.get_by_label("Slice", exact=True)
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    expect(slider).to_have_value("1")
    slider.fill("20")
    assert slice_of(page) == 20
    expect(slider).to_have_attribute("aria-valuetext", f"slice 20 of {SLICES}")
    slider.press("ArrowRight")
    assert slice_of(page) == 21
    slider.press("ArrowUp")   # as in the stack: back
    assert slice_of(page) == 20
    slider.press("End")
    assert slice_of(page) == SLICES

    # The bar is not the slice: a drag on it changes no window and draws nothing, and it hides no part of the slice.
    note = page.locator(".viewer .note")
    window = note.inner_text().split(", ")[-1]
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    assert slice_of(page) < SLICES
    assert note.inner_text().split(", ")[-1] == window
    canvas = page.locator(".viewer canvas").bounding_box()
    assert canvas["y"] + canvas["height"] <= page.locator(".viewer .bar").bounding_box()["y"] + 1


def test_windows_are_made_of_the_voxels_and_one_that_was_moved_is_called_so(page, server):
    open_case(page, server)
    note, windows = page.locator(".viewer .note"), page.get_by_label("Window", exact=True)

    def bounds():
        page.wait_for_timeout(200)
        centre, width = map(float, re.search(r"window (\S+) / (\S+)", note.inner_text()).groups())
        return centre - width / 2, centre + width / 2
    automatic = bounds()
    expect(windows).to_have_value("automatic")
    windows.select_option("full")
    full = bounds()
    assert full[0] <= automatic[0] + 1 and automatic[1] < full[1]   # the note rounds
    windows.select_option("brain")
    brain = bounds()
    assert automatic[0] < brain[0] < brain[1] < full[1], "without the air"
    index = slice_of(page)
    page.locator(".viewer").focus()
    page.keyboard.press("ArrowUp")
    assert slice_of(page) != index and bounds() == brain, "slices are compared in one window"
    page.keyboard.press("]")
    expect(windows).to_have_value("hand")
    assert bounds() != brain
    page.keyboard.press("0")
    expect(windows).to_have_value("automatic")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_hand_and_keys_can_do_can_be_read(page, server, scheme):
    page.emulate_media(color_scheme=scheme)
    open_case(page, server)
    words = page.get_by_text("Right button, or Shift and drag")
    expect(words).to_be_hidden()
    page.locator(".viewer summary", has_text="Help").click()
    expect(words).to_be_visible()
    shoot(page, f"viewer-help-{scheme}")
    panel, viewer = page.locator(".viewer .help dl").bounding_box(), page.locator(".viewer").bounding_box()
    assert panel["x"] >= viewer["x"] and panel["y"] >= viewer["y"], "all of it is in the viewer"
    assert faults(page) == []
    page.keyboard.press("?")
    expect(words).to_be_hidden()
    page.locator(".viewer").focus()
    page.keyboard.press("?")
    expect(words).to_be_visible()


def test_the_viewer_fills_a_small_screen_and_no_more(page, server):
    open_case(page, server)
    for size in SIZES.values():
        page.set_viewport_size(size)
        box = page.locator(".viewer").bounding_box()
        assert box["height"] > 0.8 * size["height"]
        assert box["y"] + box["height"] <= size["height"], "all of it is seen without scrolling"
