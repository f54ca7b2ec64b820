# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The viewer under the hand: wheel, pointer, window and layers do what a radiologist expects of them."""

import re

import pytest
from playwright.sync_api import expect

from test_dashboard import browser, open_case, watched_page   # noqa: F401 - a fixture
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
    box = page.locator(".viewer").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


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
