# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEG and SR in OHIF, as Resources/run.sh --ohif serves it: by the pixels of the screen, and nothing is asked of any
other server. Skipped where OHIF was not fetched (Resources/install-ohif.sh). Screenshots: build/test-logs."""

import io
import os
import subprocess

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from conftest import require_tool
from series_builder import make_series, with_new_identity
from test_dashboard import shoot
from test_pacs import REPOSITORY, TestPacs

# OHIF draws with WebGL, here in software, and parses 17 MB of script before that.
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
LOAD_LIMIT_MS = 240000
SIZE = {"width": 1400, "height": 900}
CHINESE_NAME = "王^小东"
# Overlays are red over grey: so much more red than green tells them apart, and so little does the image alone.
COLOURED, GREY = 30, 12


@pytest.fixture(scope="module")
def ohif():
    answer = subprocess.run([REPOSITORY / "Resources" / "install-ohif.sh"], capture_output=True, text=True, check=False,
                            env={**os.environ, "H3K27M_OFFLINE": "1"})
    if answer.returncode != 0:
        pytest.skip("OHIF is not installed: Resources/install-ohif.sh fetches it")
    return answer.stdout.strip()


@pytest.fixture(scope="module")
def server(ohif, build, tmp_path_factory):
    """A PACS that serves OHIF, with a study for each kind of SEG."""
    with TestPacs(tmp_path_factory.mktemp("ohif"), build, ohif=ohif) as pacs:
        # 127 x 129 is no multiple of 8: that SEG is FRACTIONAL.
        pacs.studies = {"binary": pacs.make_phantom(seed=4)["study"],
                        "fractional": pacs.make_phantom(seed=4, rows=127, columns=129)["study"]}
        images = with_new_identity(pacs.images(pacs.studies["fractional"]), "CHINESE-1")
        for image in images:
            image.SpecificCharacterSet, image.PatientName = "ISO_IR 192", CHINESE_NAME
        pacs.studies["chinese"] = pacs.send_all(images)
        pacs.cases = {kind: pacs.wait_for_case(study, "done") for kind, study in pacs.studies.items()}
        yield pacs


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=require_tool("chromium"), args=FLAGS)
        yield program
        program.close()


@pytest.fixture
def page(browser, server):
    """A request to another server than this Orthanc fails the test, whether it was answered or not."""
    context = browser.new_context(viewport=SIZE)
    foreign = []
    context.on("request", lambda request: foreign.append(request.url)
               if not request.url.startswith((server.client.url + "/", "data:", "blob:")) else None)
    yield context.new_page()
    context.close()
    assert foreign == []


def open_through_the_dashboard(page, server, kind):
    """From the case page of the dashboard to the images in OHIF, the bar that says what OHIF is for closed."""
    page.goto(f"{server.client.url}/h3k27m/app/#/case/{server.studies[kind]}")
    page.get_by_role("link", name="Web viewer").click(timeout=20000)
    wait_for_images(page)
    expect(page.locator("body")).to_contain_text("for investigational use only")
    page.get_by_role("button", name="Confirm and hide").click()


def wait_for_images(page):
    page.wait_for_function("""() => {
      const viewports = window.cornerstone?.getRenderingEngines()?.[0]?.getViewports() ?? [];
      return viewports[0]?.getCurrentImageId?.() && viewports[0].viewportStatus === "rendered";
    }""", timeout=LOAD_LIMIT_MS)


def wait_for_overlay(page):
    page.wait_for_function("() => window.cornerstoneTools.segmentation.state.getSegmentations().length > 0",
                           timeout=LOAD_LIMIT_MS)


def show_slice(page, sop_instance_uid):
    """Scrolls to that image, as the wheel would."""
    page.evaluate("""async (uid) => {
      const viewport = window.cornerstone.getRenderingEngines()[0].getViewports()[0];
      await viewport.setImageIdIndex(viewport.getImageIds().findIndex((id) => id.includes(`/${uid}/`)));
      viewport.render();
    }""", sop_instance_uid)
    page.wait_for_timeout(3000)


def redness_of_voxels(page, image):
    """[row, column] float: by how much red exceeds green and blue on the screen in the middle of each voxel of the
    slice; NaN for voxels that the viewport does not show."""
    orientation = np.array(image.ImageOrientationPatient, float)
    row_spacing, column_spacing = map(float, image.PixelSpacing)
    to_right, down = orientation[:3] * column_spacing, orientation[3:] * row_spacing
    first = np.array(image.ImagePositionPatient, float)
    # Three voxels fix the map to the screen: a slice is drawn by a shift, a scale and perhaps a turn.
    corner, right, below = page.evaluate("""(points) => {
      const viewport = window.cornerstone.getRenderingEngines()[0].getViewports()[0];
      const box = viewport.canvas.getBoundingClientRect();
      return points.map((point) => viewport.worldToCanvas(point)).map(([x, y]) => [box.x + x, box.y + y]);
    }""", [list(first), list(first + to_right), list(first + down)])
    screen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(float)
    rows, columns = np.mgrid[0:image.Rows, 0:image.Columns]
    x = corner[0] + columns * (right[0] - corner[0]) + rows * (below[0] - corner[0])
    y = corner[1] + columns * (right[1] - corner[1]) + rows * (below[1] - corner[1])
    box = page.evaluate("""() => {
      const box = window.cornerstone.getRenderingEngines()[0].getViewports()[0].canvas.getBoundingClientRect();
      return [box.left, box.top, box.right, box.bottom];
    }""")
    seen = (x >= box[0]) & (x < box[2]) & (y >= box[1]) & (y < box[3])
    redness = np.full(x.shape, np.nan)
    colour = screen[y[seen].astype(int), x[seen].astype(int)]
    redness[seen] = colour[:, 0] - colour[:, 1:].max(axis=1)
    return redness


def planes_of_mask(pacs, case):
    """SOP Instance UID of an image -> its plane of the SEG, bool; images without tumour are absent."""
    seg = pacs.dataset(case["result"]["segmentation"])
    planes = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns) > 0
    return seg, {frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID: plane
                 for frame, plane in zip(seg.PerFrameFunctionalGroupsSequence, planes)}


@pytest.mark.parametrize("kind", ["binary", "fractional", "chinese"])
def test_the_mask_on_the_screen_is_the_mask_in_the_seg(page, server, kind):
    open_through_the_dashboard(page, server, kind)
    wait_for_overlay(page)
    images = {image.SOPInstanceUID: image for image in server.images(server.studies[kind])}
    seg, planes = planes_of_mask(server, server.cases[kind])
    assert seg.SegmentationType == ("BINARY" if kind == "binary" else "FRACTIONAL")
    largest = max(planes, key=lambda uid: planes[uid].sum())
    without = next(uid for uid in images if uid not in planes)
    for uid in (largest, without):
        show_slice(page, uid)
        shoot(page, f"ohif-{kind}-{'tumour' if uid == largest else 'none'}")
        mask = planes.get(uid, np.zeros((seg.Rows, seg.Columns), bool))
        redness = redness_of_voxels(page, images[uid])
        assert not np.isnan(redness).any(), "the whole slice is on the screen"
        assert (redness[mask] > COLOURED).all(), "tumour without colour"
        assert (redness[~mask] < GREY).all(), "colour where there is no tumour"
    assert planes[largest].sum() > 100
    if kind == "chinese":
        expect(page.locator("body")).to_contain_text("王, 小东")


def test_an_address_of_a_study_can_be_loaded_again_and_without_the_seg_it_shows_no_colour(page, server):
    case = server.cases["binary"]
    image = server.images(server.studies["binary"])[0]
    page.goto(f"{server.client.url}/ohif/viewer?StudyInstanceUIDs={case['study_instance_uid']}"
              f"&initialSeriesInstanceUID={case['result']['series_instance_uid']}")
    wait_for_images(page)
    page.reload()
    wait_for_images(page)
    _, planes = planes_of_mask(server, case)
    largest = max(planes, key=lambda uid: planes[uid].sum())
    show_slice(page, largest)
    shoot(page, "ohif-binary-without-seg")
    redness = redness_of_voxels(page, image)
    assert np.nanmax(redness[planes[largest]]) < GREY


def test_a_study_without_a_result_is_opened_without_a_series_in_front(page, server):
    images = make_series(EchoTime="10")
    study = server.send_all(images)
    server.wait_for_case(study, "refused")
    page.goto(f"{server.client.url}/h3k27m/app/#/case/{study}")
    address = f"{server.client.url}/ohif/viewer?StudyInstanceUIDs={images[0].StudyInstanceUID}"
    expect(page.get_by_role("link", name="Web viewer")).to_have_attribute("href", address, timeout=20000)


def test_the_report_can_be_read(page, server):
    open_through_the_dashboard(page, server, "binary")
    page.get_by_text("H3K27M AI report").dblclick()
    body = page.locator("body")
    expect(body).to_contain_text("Oncology Measurement Report", timeout=60000)
    for words in ("AI-GENERATED, FOR RESEARCH USE ONLY", "The model predicts", "Finding Site"):
        expect(body).to_contain_text(words)
    shoot(page, "ohif-report")


def test_the_list_of_studies_opens(page, server):
    page.goto(f"{server.client.url}/ohif/index.html")
    expect(page.locator("body")).to_contain_text("王, 小东", timeout=LOAD_LIMIT_MS)
    shoot(page, "ohif-studies")
