# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real scanners' data from ../shared/fixtures (skipped when absent): what is taken, and why the rest is refused."""

import re

import pydicom
import pytest
from playwright.sync_api import expect

from test_dashboard import SIZES, brightest, browser, shoot, watched_page   # noqa: F401 - a fixture
from test_pacs import TestPacs

TRIO = ["siemens-trio-axial-t2", "siemens-trio-sagittal-t1", "siemens-trio-asl-perfusion", "siemens-trio-asl-relcbf"]

# Axial T2 by geometry and physics, but of a phantom: taken where the configuration allows phantoms.
TAKEN_AS_PHANTOM = ["ge-axial-t2-phantom", "siemens-enhanced-axial-a-phantom"]

REFUSED = ["ge-axial-pd", "ge-axial-t1-phantom", "ge-localizer-phantom", "philips-axial-t1-phantom",
           "philips-enhanced-t1-phantom", "siemens-enhanced-a", "siemens-enhanced-axial-b-phantom",
           "siemens-enhanced-b", "siemens-enhanced-c", "siemens-enhanced-d", "siemens-enhanced-e",
           "siemens-xa30-enhanced-adc", "siemens-xa30-enhanced-tracew", "toshiba-localizer", "uih-axial-dti",
           "siemens-trio-sagittal-t1", "siemens-trio-asl-perfusion", "siemens-trio-asl-relcbf"]
CODECS = ["codec-big-endian", "codec-explicit-le", "codec-implicit-le", "codec-jpeg-lossless-a",
          "codec-jpeg-lossless-b", "codec-jpeg-ls-a", "codec-jpeg-ls-b", "codec-jpeg2000", "codec-rle"]


@pytest.fixture
def own_pacs(make_pacs, fixtures):
    return make_pacs()


def send_as_of_one_study(pacs, folder):
    """The folders of one scanner share a study; a fixture is sent alone, so the study is empty before."""
    for study in pacs.client.get("/studies"):
        pacs.delete_study(study)
    return pacs.send_folder(folder)


def test_siemens_trio_with_one_slice_missing(own_pacs, fixtures):
    study = own_pacs.send_folder(fixtures / TRIO[0])
    case = own_pacs.wait_for_case(study, "done")
    result = case["result"]
    assert (result["slices"], result["missing_slices"]) == (55, 1)
    assert any("missing" in warning for warning in result["warnings"]), result["warnings"]
    assert result["prediction"]["status"] in ("altered", "wild-type", "not determined")
    assert (result["segmentation"] is None) == (result["volume_mm3"] == 0)
    report = own_pacs.dataset(result["report"])
    assert "missing" in str(report).lower()
    # Next to nothing may be marked in a brain without a tumour: under a thousandth of the head.
    assert result["volume_mm3"] < 1500


@pytest.fixture(scope="module")
def trio(build, fixtures, tmp_path_factory):
    """A PACS of its own with the four series as one study, computed."""
    with TestPacs(tmp_path_factory.mktemp("trio"), build) as pacs:
        # The fixtures were de-identified one by one and bear three patient IDs; Orthanc would see three studies.
        datasets = [pydicom.dcmread(path) for name in TRIO for path in sorted((fixtures / name).glob("*.dcm"))]
        for ds in datasets:
            ds.PatientID = datasets[0].PatientID
        pacs.study = pacs.send_all(datasets)
        pacs.case = pacs.wait_for_case(pacs.study, "done")
        yield pacs


def test_siemens_trio_four_series_as_one_study(trio):
    verdicts = trio.case["routing"]
    assert len(verdicts) == 4 and sum(verdict["accepted"] for verdict in verdicts) == 1
    taken = next(verdict for verdict in verdicts if verdict["accepted"])
    assert taken["series"] == trio.case["series"]
    assert trio.client.get(f"/series/{taken['series']}")["MainDicomTags"]["SeriesDescription"] == "AX FSE T2"
    assert all(verdict["reasons"] for verdict in verdicts if not verdict["accepted"])
    trio.settle()
    assert trio.results(trio.study)["SR"] == [trio.case["result"]["report"]]


def test_a_real_study_is_read_in_the_dashboard(trio, browser):   # noqa: F811
    """Its images from one end to the other, and beside them which of the four series was read and that a slice is missing."""
    view = trio.client.get(f"/h3k27m/cases/{trio.study}/view")
    assert view["slices"] == 55 and view["series"] == trio.case["series"]
    with watched_page(browser, trio) as page:
        page.go()
        page.locator(f"a[href='#/case/{trio.study}']").first.click(timeout=10000)
        note = page.locator(".viewer .note")
        expect(note).to_have_text(re.compile(r"slice \d+ of 55, window"), timeout=60000)
        page.locator(".viewer").focus()
        page.keyboard.press("Home")
        seen = set()
        for _ in range(3):   # 14 further each time
            for key in ("PageDown", *4 * ["ArrowDown"]):
                page.keyboard.press(key)
            page.wait_for_timeout(200)   # the note is of the slice before until the next frame
            expect(note).to_have_text(re.compile(r"slice \d+ of 55, window"), timeout=60000)
            seen.add(re.search(r"slice (\d+) of 55", note.inner_text()).group(1))
            assert brightest(page)[0] > 100, "a head, and not a black square"
        assert len(seen) == 3
        side = page.locator("aside")
        expect(side).to_contain_text("Slices missing from the series: 1")
        expect(side.locator("summary").filter(has_text=re.compile("^read: "))).to_contain_text("AX FSE T2")
        expect(side.locator("summary").filter(has_text=re.compile("^not taken: "))).to_have_count(3)
        for name, size in SIZES.items():
            for scheme in ("light", "dark"):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(200)
                shoot(page, f"real-study-{name}-{scheme}")


@pytest.mark.parametrize("name", TAKEN_AS_PHANTOM)
def test_axial_t2_without_description_is_taken_by_its_physics(pacs, fixtures, name):
    study = send_as_of_one_study(pacs, fixtures / name)
    case = pacs.wait_for_case(study, "done")
    assert case["result"]["slices"] == 11


def test_images_of_a_phantom_are_refused_where_phantoms_are_not_allowed(make_pacs, fixtures):
    """Only of those that say that they are one; an unlabelled one looks like a patient to everybody."""
    pacs = make_pacs()
    made = pacs.make_phantom(seed=5)
    files = [pacs.file(instance) for instance, _ in pacs.instances(made["study"], "MR")]
    pacs.stop()
    strict = make_pacs(h3k27m={"AllowPhantoms": False, "PhantomsRoute": False})
    case = strict.wait_for_case(strict.send_all(files), "refused")
    assert "phantom" in case["reason"].lower() or "synthetic" in case["reason"].lower(), case["reason"]


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_with_a_reason(pacs, fixtures, name):
    study = send_as_of_one_study(pacs, fixtures / name)
    case = pacs.wait_for_case(study, "refused")
    assert case["reason"] and case["result"] is None
    assert case["routing"] and not any(verdict["accepted"] for verdict in case["routing"])
    for verdict in case["routing"]:
        assert verdict["reasons"]
        assert any(not criterion["passed"] for criterion in verdict["criteria"]), verdict
    assert pacs.results(study) == {"SEG": [], "SR": []}


def test_why_a_real_study_was_refused_stands_in_the_dashboard(fixtures, pacs, browser):   # noqa: F811
    study = send_as_of_one_study(pacs, fixtures / "ge-axial-pd")
    case = pacs.wait_for_case(study, "refused")
    with watched_page(browser, pacs) as page:
        page.go(f"#/case/{study}")
        expect(page.locator("h1 .badge")).to_have_text("refused", timeout=20000)
        side = page.locator("aside")
        expect(side).to_contain_text(case["reason"])
        side.locator("summary").filter(has_text=re.compile("^not taken: ")).first.click()
        for reason in case["routing"][0]["reasons"]:
            expect(side.locator("ul.reasons li").filter(has_text=reason).first).to_be_visible()
        shoot(page, "real-study-refused")


@pytest.mark.parametrize("name", CODECS)
def test_a_verdict_does_not_depend_on_the_transfer_syntax(pacs, fixtures, name):
    study = send_as_of_one_study(pacs, fixtures / name)
    case = pacs.wait_for_case(study, "refused")
    reasons = [verdict["reasons"] for verdict in case["routing"]]
    reference = getattr(pacs, "codec_reasons", reasons)
    pacs.codec_reasons = reference
    assert reasons == reference and reasons[0]


@pytest.mark.parametrize("name", ["siemens-xa30-enhanced-colour-fa", "philips-raw-data-object"])
def test_what_is_no_grey_image_is_refused_or_left_alone(pacs, fixtures, name):
    study = send_as_of_one_study(pacs, fixtures / name)
    pacs.settle()
    case = pacs.client.get_case(study)
    assert case is None or case["state"] == "refused", case
    assert pacs.results(study) == {"SEG": [], "SR": []}


def test_routing_answers_before_the_study_is_stable(make_pacs, fixtures):
    pacs = make_pacs(orthanc={"StableAge": 60})
    study = pacs.send_folder(fixtures / TRIO[0])
    series = pacs.client.get(f"/studies/{study}")["Series"][0]
    verdict = pacs.client.get(f"/h3k27m/routing/{series}")
    assert verdict["accepted"] is True
    assert {"name", "seen", "wanted", "passed"} <= set(verdict["criteria"][0])
    assert (pacs.client.get_case(study) or {"state": "queued"})["state"] == "queued"
