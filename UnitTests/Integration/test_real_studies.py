# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real scanners' data from ../shared/fixtures (skipped when absent): what is taken, and why the rest is refused."""

import pydicom
import pytest

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


def test_siemens_trio_four_series_as_one_study(own_pacs, fixtures):
    # The fixtures were de-identified one by one and bear three patient IDs; Orthanc would see three studies.
    datasets = [pydicom.dcmread(path) for name in TRIO for path in sorted((fixtures / name).glob("*.dcm"))]
    for ds in datasets:
        ds.PatientID = datasets[0].PatientID
    study = own_pacs.send_all(datasets)
    case = own_pacs.wait_for_case(study, "done")
    verdicts = case["routing"]
    assert len(verdicts) == 4 and sum(verdict["accepted"] for verdict in verdicts) == 1
    taken = next(verdict for verdict in verdicts if verdict["accepted"])
    assert taken["series"] == case["series"]
    assert own_pacs.client.get(f"/series/{taken['series']}")["MainDicomTags"]["SeriesDescription"] == "AX FSE T2"
    assert all(verdict["reasons"] for verdict in verdicts if not verdict["accepted"])
    own_pacs.settle()
    assert own_pacs.results(study)["SR"] == [case["result"]["report"]]


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
