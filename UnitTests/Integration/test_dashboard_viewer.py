# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The viewer under the hand: wheel, pointer, slider and window do what a radiologist expects of them."""

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


@pytest.mark.parametrize("notch", [80, 100, 120])   # pixels, as browsers and screens have it
def test_each_notch_of_a_mouse_is_a_slice_however_quickly_they_come(page, server, notch):
    open_case(page, server)
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    turn_wheel(page, 6 * [notch])
    assert slice_of(page) == 7
    turn_wheel(page, 6 * [-notch])
    assert slice_of(page) == 1


def test_the_wheel_is_counted_in_the_lines_that_the_browser_counts_in(page, server):
    """As Firefox has it: who reads the distance first, and does not ask for its unit, is given pixels."""
    open_case(page, server)
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    page.evaluate("""() => {
      const event = new WheelEvent("wheel", { bubbles: true, cancelable: true });
      let mode = null;
      Object.defineProperty(event, "deltaMode", { get: () => mode ??= 1 });
      Object.defineProperty(event, "deltaY", { get: () => (mode ??= 0) ? 3 : 36 });
      document.querySelector(".viewer").dispatchEvent(event);
    }""")
    assert slice_of(page) == 2


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
      const bytes = pieces.reduce((sum, [, size]) => sum + size, 0);
      return { pieces, bytes, two, isSame: await read(0) === first, again: await read(16) };
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


def test_the_slider_goes_through_the_stack_and_follows_it(page, server):
    open_case(page, server)
    slider = page.get_by_label("Slice", exact=True)
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    expect(slider).to_have_value("1")
    slider.fill("20")
    assert slice_of(page) == 20
    expect(slider).to_have_attribute("aria-valuetext", f"image 20, slice 20 of {SLICES}")
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
