# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A study arrives, a SEG and an SR stand beside it: phantoms through the whole path, read back by independent readers."""

import re
import subprocess
import sys

import highdicom
import numpy as np
import pytest
from conftest import require_tool
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from pynetdicom import AE
from series_builder import make_series
from test_pacs import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "UnitTests" / "Interoperability"))
from test_results_readers import TOLERATED  # noqa: E402

ROWS_COLUMNS = [(128, 128), (125, 123)]   # the second: rows*columns mod 8 != 0, so the SEG is FRACTIONAL


@pytest.fixture(scope="module", params=ROWS_COLUMNS, ids=["binary", "fractional"])
def phantom(request, pacs):
    rows, columns = request.param
    made = pacs.make_phantom(seed=rows, status="altered", rows=rows, columns=columns)
    made["case"] = pacs.wait_for_case(made["study"], "done")
    return made


def positions(ds):
    return {tuple(float(v) for v in frame.PlanePositionSequence[0].ImagePositionPatient): index
            for index, frame in enumerate(ds.PerFrameFunctionalGroupsSequence)}


def mask_volume(ds, images):
    """[slice, row, column] of 0 and 1 on the source's slices, lowest first, from a SEG as pydicom reads it."""
    pixels = np.atleast_3d(ds.pixel_array)
    if pixels.shape != (int(ds.NumberOfFrames), ds.Rows, ds.Columns):
        pixels = pixels.reshape(int(ds.NumberOfFrames), ds.Rows, ds.Columns)
    images = sorted(images, key=lambda image: float(image.ImagePositionPatient[2]))
    volume = np.zeros((len(images), ds.Rows, ds.Columns), np.uint8)
    by_position = positions(ds)
    for index, image in enumerate(images):
        frame = by_position.get(tuple(float(v) for v in image.ImagePositionPatient))
        if frame is not None:
            volume[index] = pixels[frame] > 0
    assert (volume.sum(axis=(1, 2)) > 0).sum() == ds.NumberOfFrames   # every frame found its slice
    return volume


def test_exactly_one_seg_and_one_sr_appear(pacs, phantom):
    pacs.settle()
    result = phantom["case"]["result"]
    assert pacs.results(phantom["study"], phantom) == {"SEG": [result["segmentation"]], "SR": [result["report"]]}
    assert [instance for instance, _ in pacs.instances(phantom["study"], "OT")] == [result["saliency"]]
    assert result["research_use_only"] is True


def test_volume_is_voxels_times_voxel_size(pacs, phantom):
    result = phantom["case"]["result"]
    volume = mask_volume(pacs.dataset(result["segmentation"]), pacs.images(phantom["study"]))
    image = pacs.images(phantom["study"])[0]
    area = float(image.PixelSpacing[0]) * float(image.PixelSpacing[1])
    assert result["volume_mm3"] == pytest.approx(volume.sum() * area * float(image.SpacingBetweenSlices), rel=1e-6)
    assert result["tumour_slices"] == [i for i, plane in enumerate(volume) if plane.any()]


def test_mask_overlaps_the_planted_tumour(pacs, phantom):
    """Not the model's quality (another test has a hundred phantoms), but orientation: a flipped mask has no overlap."""
    images = pacs.images(phantom["study"])
    found = mask_volume(pacs.dataset(phantom["case"]["result"]["segmentation"]), images)
    planted = mask_volume(pacs.dataset(phantom["mask"]), images)
    dice = 2 * (found & planted).sum() / (found.sum() + planted.sum())
    assert dice > 0.5, dice


def test_highdicom_reads_the_same_mask_as_pydicom(pacs, phantom):
    content = pacs.file(phantom["case"]["result"]["segmentation"])
    images = sorted(pacs.images(phantom["study"]), key=lambda image: float(image.ImagePositionPatient[2]))
    seg = highdicom.seg.Segmentation.from_dataset(pacs.dataset(phantom["case"]["result"]["segmentation"]), copy=True)
    by_source = seg.get_pixels_by_source_instance([image.SOPInstanceUID for image in images],
                                                  ignore_spatial_locations=True, assert_missing_frames_are_empty=True)
    assert content[128:132] == b"DICM"
    assert np.array_equal(by_source[..., 0] > 0, mask_volume(pacs.dataset(phantom["case"]["result"]["segmentation"]),
                                                             images) > 0)


def test_dcmtk_reads_the_same_pixels_as_pydicom(pacs, phantom, tmp_path):
    """dcmdump's bytes of PixelData, unpacked here, are what pydicom decoded."""
    instance = phantom["case"]["result"]["segmentation"]
    (tmp_path / "seg.dcm").write_bytes(pacs.file(instance))
    subprocess.run([require_tool("dcmdump"), "+W", str(tmp_path), str(tmp_path / "seg.dcm")], check=True,
                   stdout=subprocess.DEVNULL)
    raw = np.frombuffer(next(tmp_path.glob("*.raw")).read_bytes(), np.uint8)
    ds = pacs.dataset(instance)
    if ds.SegmentationType == "BINARY":
        raw = np.unpackbits(raw, bitorder="little")
    count = int(ds.NumberOfFrames) * ds.Rows * ds.Columns
    assert np.array_equal(raw[:count] > 0, ds.pixel_array.reshape(-1) > 0)
    expected = "BINARY" if ds.Rows * ds.Columns % 8 == 0 else "FRACTIONAL"
    assert ds.SegmentationType == expected


def test_saliency_shows_the_slice_with_most_tumour_in_colours_and_says_what_it_is(pacs, phantom):
    result = phantom["case"]["result"]
    ds = pacs.dataset(result["saliency"])
    images = sorted(pacs.images(phantom["study"]), key=lambda image: float(image.ImagePositionPatient[2]))
    planes = mask_volume(pacs.dataset(result["segmentation"]), images).sum(axis=(1, 2))
    assert result["saliency_slices"] == [int(planes.argmax())]
    assert ds.SOPInstanceUID == result["saliency_instance_uid"] and ds.Modality == "OT"
    assert list(ds.ImageType) == ["DERIVED", "SECONDARY"] and ds.ConversionType == "WSD"
    assert ds.BurnedInAnnotation == "YES" and ds["PatientOrientation"].is_empty
    assert ds.SourceImageSequence[0].ReferencedSOPInstanceUID == images[planes.argmax()].SOPInstanceUID
    assert "research use only" in ds.SeriesDescription and result["model"]["name"] in ds.DerivationDescription
    pixels = ds.pixel_array.reshape(ds.Rows, ds.Columns, 3).astype(int)
    slice_part = pixels[:images[0].Rows, :images[0].Columns]
    coloured = np.ptp(slice_part, axis=2) > 0
    assert 0 < coloured.sum() < coloured.size
    # Where it is grey it is the image itself, on its own grid.
    source = images[planes.argmax()].pixel_array.astype(float)
    assert np.corrcoef(source[~coloured], slice_part[..., 0][~coloured])[0, 1] > 0.95
    report = pacs.dataset(result["report"])
    explanations = [i.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for i in walk(report) if name_of(i) == "130401"]
    assert explanations == [ds.SOPInstanceUID]


def test_saliency_on_all_slices_or_none(make_pacs):
    for choice in ("all", "none"):
        pacs = make_pacs(h3k27m={"Saliency": choice})
        made = pacs.make_phantom(seed=128, status="altered")
        result = pacs.wait_for_case(made["study"], "done")["result"]
        if choice == "none":
            assert result["saliency"] is None and pacs.instances(made["study"], "OT") == []
        else:
            assert result["saliency_slices"] == [one["slice"] for one in result["prediction"]["slices"]]
            assert pacs.dataset(result["saliency"]).NumberOfFrames == len(result["saliency_slices"]) > 1
        pacs.stop()


@pytest.mark.parametrize("kind", ["segmentation", "report", "saliency"])
def test_dciodvfy_finds_no_error(pacs, phantom, tmp_path, kind):
    (tmp_path / "object.dcm").write_bytes(pacs.file(phantom["case"]["result"][kind]))
    answer = subprocess.run([require_tool("dciodvfy"), str(tmp_path / "object.dcm")], capture_output=True, text=True)
    errors = [line for line in (answer.stdout + answer.stderr).splitlines() if line.startswith("Error")
              and not any(pattern.search(line) for pattern in TOLERATED)]
    assert errors == []


def test_report_says_what_the_case_says(pacs, phantom):
    ds = pacs.dataset(phantom["case"]["result"]["report"])
    result = phantom["case"]["result"]
    assert ds.CompletionFlag == "COMPLETE" and ds.VerificationFlag == "UNVERIFIED"
    root = ds.ConceptNameCodeSequence[0]
    assert (root.CodeValue, root.CodingSchemeDesignator) == ("126001", "DCM")
    items = list(walk(ds))
    volumes = [float(i.MeasuredValueSequence[0].NumericValue) for i in items if name_of(i) == "118565006"]
    assert volumes == [pytest.approx(result["volume_mm3"], rel=1e-4)]
    probabilities = [float(i.MeasuredValueSequence[0].NumericValue) for i in items if name_of(i) == "122157"]
    # Two decimals, but never a certain 0 or 100; the case holds the number itself.
    assert probabilities == [pytest.approx(100 * result["prediction"]["probability_altered"], abs=0.00501)]
    text = str(ds)
    assert re.search("research use only", text, re.IGNORECASE)
    referenced = {i.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for i in items if "ReferencedSOPSequence" in i}
    assert result["segmentation_instance_uid"] in referenced


def test_report_is_readable_by_dcmtk_and_highdicom(pacs, phantom, tmp_path):
    path = tmp_path / "report.dcm"
    path.write_bytes(pacs.file(phantom["case"]["result"]["report"]))
    text = subprocess.run([require_tool("dsrdump"), str(path)], capture_output=True, text=True, check=True).stdout
    assert "Volume" in text and "mm3" in text
    report = highdicom.sr.srread(path)
    groups = report.content.get_volumetric_roi_measurement_groups()
    tracking = pacs.dataset(phantom["case"]["result"]["segmentation"]).SegmentSequence[0].TrackingUID
    assert tracking in [group.tracking_uid for group in groups]


def test_results_belong_to_the_source_study(pacs, phantom):
    image = pacs.images(phantom["study"])[0]
    for kind in ("segmentation", "report", "saliency"):
        ds = pacs.dataset(phantom["case"]["result"][kind])
        for name in ("StudyInstanceUID", "PatientID", "PatientName", "StudyDate", "StudyID"):
            assert ds.get(name) == image.get(name), name
        assert ds.SeriesInstanceUID != image.SeriesInstanceUID
    seg = pacs.dataset(phantom["case"]["result"]["segmentation"])
    assert seg.FrameOfReferenceUID == image.FrameOfReferenceUID


def test_no_tumour_gives_a_report_that_says_so_and_no_seg(pacs):
    """The planted volume has no tumour; should the model mark something all the same, this phantom is the wrong one."""
    made = pacs.make_phantom(seed=1, tumour=False)
    case = pacs.wait_for_case(made["study"], "done")
    assert case["result"]["segmentation"] is None
    assert case["result"]["volume_mm3"] == 0
    assert case["result"]["prediction"]["status"] == "not determined"
    assert case["result"]["prediction"]["probability_altered"] is None
    results = pacs.results(made["study"], made)
    assert results["SEG"] == [] and len(results["SR"]) == 1
    codes = [i.ConceptCodeSequence[0].CodeValue for i in walk(pacs.dataset(results["SR"][0]))
             if name_of(i) == "111017"]
    assert codes == ["111241"]


def test_a_study_that_comes_by_c_store(pacs):
    """As a scanner sends it; everything else here is uploaded over REST."""
    datasets = make_series()
    entity = AE(ae_title="LOCAL")
    entity.add_requested_context(MRImageStorage, ExplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", pacs.dicom_port, ae_title="H3K27M")
    assert association.is_established
    assert [association.send_c_store(ds).Status for ds in datasets] == [0] * len(datasets)
    association.release()
    study = pacs.client.post("/tools/lookup", datasets[0].StudyInstanceUID.encode(), content_type="text/plain")[0]["ID"]
    assert pacs.wait_for_case(study, "done")["result"]["slices"] == len(datasets)


def test_several_studies_at_once_each_get_their_own_result(pacs):
    made = pacs.make_phantoms(seed=100, count=4)
    cases = [pacs.wait_for_case(one["study"], "done") for one in made]
    reports = [case["result"]["report"] for case in cases]
    assert len(set(reports)) == 4
    for one, case in zip(made, cases):
        assert pacs.client.get(f"/instances/{case['result']['report']}/study")["ID"] == one["study"]


def test_urgent_goes_first(make_pacs):
    """With one worker and the queue filled, the study that is asked for as urgent is finished before the rest."""
    pacs = make_pacs(h3k27m={"ConcurrentStudies": 1, "Triage": "off"})
    made = [one["study"] for one in pacs.make_phantoms(seed=200, count=5)]
    for study in made[:4]:
        pacs.client.post(f"/h3k27m/cases/{study}/triage", {"priority": "routine"})
    pacs.client.post(f"/h3k27m/cases/{made[4]}/triage", {"priority": "urgent"})
    finished = {study: pacs.wait_for_case(study, "done")["finished"] for study in made}
    order = sorted(made, key=finished.get)
    assert order.index(made[4]) <= 1, order   # one was running already


def walk(ds):
    for item in ds.get("ContentSequence", []):
        yield item
        yield from walk(item)


def name_of(item):
    return item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else None
