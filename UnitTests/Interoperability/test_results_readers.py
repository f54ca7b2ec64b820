# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our SEG, SR, label, review and phantom objects in the hands of other people's readers and validators.

h3k27m_sample_results (built beside the unit tests; H3K27M_BUILD names the build folder) writes one object of each kind
and the voxels that went in. Needs pydicom, highdicom and dcmqi, dciodvfy (dicom3tools), dsr2html and dcmdump (dcmtk); the check
by dcmjs runs where H3K27M_DCMJS names a folder with node_modules/dcmjs, that by 3D Slicer where H3K27M_SLICER_PYTHON names a Python
with slicer-core.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import highdicom as hd
import nibabel
import numpy as np
import pydicom
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release"))

MASKS = [f"size{remainder}" for remainder in range(8)] + ["imaging", "gaps-disagreement", "enhanced", "phantom",
                                                          "name-chinese", "name-japanese", "name-korean"]
REPORTS = [name for name in MASKS if name != "phantom"] + ["no-tumour"]

# dciodvfy of 2022 knows neither our private scheme nor attributes that came later: its words on these stay, no others.
TOLERATED = [
    re.compile(r"Unrecognized defined term <99H3K27M> for value 1 of attribute <Coding Scheme Designator>"),
    re.compile(r"Unrecognized defined term <2\.25\.\d+> for value 1 of attribute <Coding Scheme UID>"),
    re.compile(r"\(0x0008,0x001c\)"),                   # Synthetic Data, PS3.3 of 2023
    re.compile(r"this is a Standard Extended SOP Class"),
    re.compile(r"Retired Person Name form"),            # a label's author as a person typed the name
]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    program = BUILD / "h3k27m_sample_results"
    assert program.exists(), f"{program} is not built: run Resources/test.sh"
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([program, folder], check=True)
    return folder


def read_expected(samples, name):
    expected = json.loads((samples / f"{name}.json").read_text())
    voxels = np.fromfile(samples / f"{name}.mask", np.uint8)
    return expected, voxels.reshape(len(expected["frames"]), expected["rows"], expected["columns"])


def run(*command):
    for tool in command[:1]:
        assert shutil.which(tool), f"{tool} is not installed"
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def test_dciodvfy_finds_nothing_wrong(samples):
    problems = []
    files = sorted(samples.glob("*.dcm"))
    assert len(files) > 40
    for file in files:
        words = run("dciodvfy", file)
        lines = (words.stdout + words.stderr).splitlines()
        assert any(line.strip() in ("Segmentation", "Comprehensive3DSR", "EnhancedSR", "MRImage",
                                    "MultiframeTrueColorSCImage") for line in lines)
        for line in lines:
            if ("Error" in line or "Warning" in line) and not any(known.search(line) for known in TOLERATED):
                problems.append(f"{file.name}: {line}")
    assert not problems, "\n".join(problems)


def test_no_sequence_is_out_of_order_or_misread_by_dcmtk(samples):
    for file in sorted(samples.glob("*.dcm")):
        result = run("dcmdump", "-q", file)
        assert result.returncode == 0 and not result.stderr, f"{file.name}: {result.stderr}"


@pytest.mark.parametrize("name", MASKS)
def test_pydicom_reads_each_voxel(samples, name):
    expected, voxels = read_expected(samples, name)
    seg = pydicom.dcmread(samples / f"{name}.seg.dcm")
    np.testing.assert_array_equal(seg.pixel_array.reshape(voxels.shape), voxels)
    assert seg.SegmentationType == ("BINARY" if voxels[0].size % 8 == 0 else "FRACTIONAL")
    for item, frame in zip(seg.PerFrameFunctionalGroupsSequence, expected["frames"], strict=True):
        position = item.PlanePositionSequence[0].ImagePositionPatient
        assert [value.original_string for value in position] == frame["position"]   # verbatim
        source = item.DerivationImageSequence[0].SourceImageSequence[0]
        assert source.ReferencedSOPInstanceUID == frame["source_instance"]
        assert int(source.get("ReferencedFrameNumber", 0)) == frame["source_frame"]


@pytest.mark.parametrize("name", MASKS)
def test_highdicom_reads_each_voxel(samples, name):
    expected, voxels = read_expected(samples, name)
    seg = hd.seg.segread(samples / f"{name}.seg.dcm")
    assert seg.number_of_segments == 1
    frames = expected["frames"]
    options = {"ignore_spatial_locations": True, "assert_missing_frames_are_empty": True, "rescale_fractional": False}
    if frames[0]["source_frame"]:
        pixels = seg.get_pixels_by_source_frame(frames[0]["source_instance"], [f["source_frame"] for f in frames],
                                                **{**options, "ignore_spatial_locations": False})
    else:
        pixels = seg.get_pixels_by_source_instance([f["source_instance"] for f in frames],
                                                   **{**options, "ignore_spatial_locations": False})
    np.testing.assert_array_equal(pixels[..., 0], voxels)

    volume = seg.get_volume(rescale_fractional=False)
    mm3 = np.count_nonzero(volume.array) * volume.voxel_volume
    assert mm3 == pytest.approx(expected["volume_mm3"], rel=1e-6)


@pytest.mark.parametrize("name", MASKS)
def test_dcmqi_reads_each_voxel_at_its_place(samples, name, tmp_path):
    """What dcmqi reads is asked for at the place of each voxel in the patient."""
    image = nibabel.load(convert_with_dcmqi(samples, name, tmp_path, "nii") / "mask-1.nii.gz")
    assert_voxels_in_place(samples, name, np.asarray(image.dataobj), np.linalg.inv(image.affine))


@pytest.mark.skipif("H3K27M_SLICER_PYTHON" not in os.environ, reason="the environment with slicer-core is not named")
@pytest.mark.parametrize("name", ["size0", "size3", "gaps-disagreement", "name-chinese"])
def test_3d_slicer_holds_each_voxel_at_its_place(samples, name, tmp_path):
    """3D Slicer opens a SEG through dcmqi and then reads what that wrote: both steps are done here with its own code."""
    mask = convert_with_dcmqi(samples, name, tmp_path, "nrrd") / "mask-1.nrrd"
    script = Path(__file__).with_name("read_with_slicer.py")
    result = run(os.environ["H3K27M_SLICER_PYTHON"], script, mask, tmp_path / "slicer.npz")
    assert result.returncode == 0, result.stdout + result.stderr
    held = np.load(tmp_path / "slicer.npz")
    assert_voxels_in_place(samples, name, held["voxels"].transpose(), held["to_index"])


def convert_with_dcmqi(samples, name, folder, kind):
    program = Path(sys.executable).with_name("segimage2itkimage")
    result = run(program, "--inputDICOM", samples / f"{name}.seg.dcm", "--outputDirectory", folder,
                 "--outputType", kind, "--prefix", "mask")
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def assert_voxels_in_place(samples, name, data, ras_to_index):
    """`data` [i, j, k] is not 0 exactly where the mask is; `ras_to_index` [4, 4]: from millimetres in the patient."""
    expected, voxels = read_expected(samples, name)
    seg = pydicom.dcmread(samples / f"{name}.seg.dcm")
    data = data > 0
    to_index = ras_to_index @ np.diag([-1, -1, 1, 1])   # DICOM: LPS
    shared = seg.SharedFunctionalGroupsSequence[0]
    orientation = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float)
    row_spacing, column_spacing = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    rows, columns = np.mgrid[0:seg.Rows, 0:seg.Columns]
    for frame, plane in zip(expected["frames"], voxels, strict=True):
        places = (np.array(frame["position"], float) + columns[..., None] * column_spacing * orientation[:3]
                  + rows[..., None] * row_spacing * orientation[3:])
        indices = places @ to_index[:3, :3].T + to_index[:3, 3]
        assert np.abs(indices - indices.round()).max() < 0.01, "off the reader's grid"
        i, j, k = np.moveaxis(indices.round().astype(int), -1, 0)
        np.testing.assert_array_equal(data[i, j, k], plane > 0)
    assert np.count_nonzero(data) == np.count_nonzero(voxels)


@pytest.mark.parametrize("name", REPORTS)
def test_highdicom_reads_the_report(samples, name):
    report = hd.sr.srread(samples / f"{name}.sr.dcm")
    groups = report.content.get_volumetric_roi_measurement_groups()
    if name == "no-tumour":
        assert not groups
        return
    (group,) = groups
    expected, _ = read_expected(samples, name)
    seg = pydicom.dcmread(samples / f"{name}.seg.dcm")
    assert group.tracking_uid == seg.SegmentSequence[0].TrackingUID
    assert group.referenced_segment.referenced_sop_instance_uid == seg.SOPInstanceUID
    assert group.finding_type.value == "108369006"
    values = {m.name.value: m for m in group.get_measurements()}
    # Rounded to thousandths in the report.
    assert values["118565006"].value == pytest.approx(expected["volume_mm3"], abs=0.000501)
    assert values["118565006"].unit.value == "mm3"
    assert 0 < values["122157"].value < 100
    statuses = [e.value.value for e in group.get_qualitative_evaluations() if e.name.value == "predicted-status"]
    assert statuses == ["wild-type" if name == "gaps-disagreement" else "altered"]


@pytest.mark.parametrize("name", ["size0", "size3", "gaps-disagreement", "name-chinese"])
def test_dcmqi_reads_the_measurements(samples, name, tmp_path):
    expected, _ = read_expected(samples, name)
    result = run(Path(sys.executable).with_name("tid1500reader"), "--inputDICOM", samples / f"{name}.sr.dcm",
                 "--outputMetadata", tmp_path / "report.json")
    assert result.returncode == 0, result.stdout + result.stderr
    (group,) = json.loads((tmp_path / "report.json").read_text())["Measurements"]
    values = {item["quantity"]["CodeValue"]: item for item in group["measurementItems"]}
    assert float(values["118565006"]["value"]) == pytest.approx(expected["volume_mm3"], abs=0.000501)
    assert values["118565006"]["units"]["CodeValue"] == "mm3"
    assert 0 < float(values["122157"]["value"]) < 100
    assert (group["Finding"]["CodeValue"], group["FindingSite"]["CodeValue"]) == ("108369006", "12738006")
    assert group["segmentationSOPInstanceUID"] == pydicom.dcmread(samples / f"{name}.seg.dcm").SOPInstanceUID


@pytest.mark.parametrize("name", ["imaging", "enhanced"])
def test_the_contour_encloses_the_largest_slice(samples, name):
    _, voxels = read_expected(samples, name)
    report = hd.sr.srread(samples / f"{name}.sr.dcm")
    (group,) = report.content.get_planar_roi_measurement_groups()
    points = group.roi.value
    assert (points[0] == points[-1]).all()
    x, y = points[:, 0], points[:, 1]
    area = abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    largest = max(int(frame.sum()) for frame in voxels)
    assert largest - 1 <= area <= largest   # the sample has one voxel apart from the rest


@pytest.mark.parametrize("name, frames", [("saliency", 3), ("saliency-key", 1), ("saliency-enhanced", 2)])
def test_saliency_is_a_picture_of_its_slices_that_the_report_names(samples, name, frames):
    picture = pydicom.dcmread(samples / f"{name}.sc.dcm")
    assert picture.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7.4" and picture.NumberOfFrames == frames
    pixels = picture.pixel_array.reshape(frames, picture.Rows, picture.Columns, 3)
    coloured = np.ptp(pixels[:, :64, :48].astype(int), axis=3) > 0
    seg = pydicom.dcmread(samples / f"{name}.seg.dcm")
    np.testing.assert_array_equal(coloured, seg.pixel_array[:frames] > 0)   # the sample's map is its mask
    assert [int(source.get("ReferencedFrameNumber", 0)) > 0 for source in picture.SourceImageSequence] == \
        [name == "saliency-enhanced"] * frames
    text = run("dsrdump", "-q", samples / f"{name}.sr.dcm").stdout
    assert "Visual explanation" in text
    assert hd.sr.srread(samples / f"{name}.sr.dcm").content.get_volumetric_roi_measurement_groups()


def html_text(file):
    result = run("dsr2html", "-q", file)
    assert result.returncode == 0, result.stderr
    return html.unescape(re.sub(r"<[^>]+>", " ", result.stdout))


def test_dcmtk_shows_reports_a_person_can_read(samples):
    text = html_text(samples / "size0.sr.dcm")
    for words in ("RESEARCH USE ONLY", "H3 K27M-ALTERED (mutant)", "87.3 %", "Not reviewed", "newly diagnosed", "mm3"):
        assert words in text
    text = html_text(samples / "no-tumour.sr.dcm")
    assert "No tumour region of at least 40 mm2 on a slice was found" in text and "NOT DETERMINED" in text and "without findings" in text
    text = html_text(samples / "gaps-disagreement.sr.dcm")
    assert "DISAGREE" in text and "without an image" in text and "MISSING" in text
    text = html_text(samples / "phantom-label.sr.dcm")
    assert "SYNTHETIC" in text and "Planted in a synthetic phantom" in text
    text = html_text(samples / "review.sr.dcm")
    assert "Corrected" in text and "no genotype label" in text and "Verifying" in text


def test_dsrdump_reads_as_a_finding_with_place_size_probability_model_and_limits(samples):
    result = run("dsrdump", "-q", "+Pl", samples / "size0.sr.dcm")   # +Pl: long texts whole
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    for concept, value in (("Finding", "Neoplasm"), ("Finding Site", "Brain"), ("Volume", "(mm3,UCUM"),
                           ("Images with outlined region", "of 6)"), ("Probability", '"87.31" (%'),
                           ("Probability of", "H3 K27M-altered (mutant)"),
                           ("H3 K27M status predicted by the model", "H3 K27M-altered (mutant)"),
                           ("Conclusion", "6 of 6 slices examined"), ("Algorithm Name", "phantom-demonstration"),
                           ("Algorithm Version", "1.0"), ("Limits of this result", "Not validated for clinical use"),
                           ("Limits of this result", "EZHIP"), ("Comment", "RESEARCH USE ONLY")):
        assert any(f'"{concept}"' in line and value in line for line in lines), f"{concept}: {value}"


def test_names_survive(samples):
    for name, ideographic in (("chinese", "王^小东"), ("japanese", "山田^太郎"), ("korean", "洪^吉洞"),
                              ("unicode", "王^小東")):
        for kind in ("seg", "sr"):
            dataset = pydicom.dcmread(samples / f"name-{name}.{kind}.dcm")
            assert dataset.PatientName.ideographic == ideographic
    japanese = pydicom.dcmread(samples / "name-japanese.seg.dcm").PatientName
    assert japanese.phonetic == "やまだ^たろう"
    label = pydicom.dcmread(samples / "label.sr.dcm")
    assert any("北京" in item.get("TextValue", "") for item in label.ContentSequence)


def test_a_phantom_is_a_volume_that_its_mask_lies_on(samples):
    files = sorted(samples.glob("phantom-*.mr.dcm"))
    images = [pydicom.dcmread(file) for file in files]
    volume = hd.get_volume_from_series(images)
    mask = hd.seg.segread(samples / "phantom.seg.dcm").get_volume().match_geometry(volume)
    assert volume.array[mask.array[..., 0] > 0].min() == 1800   # the bright ball, and all of it
    assert volume.array[mask.array[..., 0] == 0].max() == 900
    assert pydicom.dcmread(samples / "phantom.seg.dcm").SegmentSequence[0].SegmentAlgorithmType == "MANUAL"


REAL_SERIES = ["siemens-trio-axial-t2", "ge-axial-t2-phantom", "siemens-enhanced-axial-a-phantom"]


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A SEG and an SR on the grid of each real series."""
    series = REPOSITORY.parent / "shared" / "fixtures" / "mr"
    if not series.exists():
        pytest.skip("the real studies of ../shared/fixtures are not on this machine")
    folder = tmp_path_factory.mktemp("real")
    subprocess.run([BUILD / "h3k27m_sample_results", folder, *[series / name for name in REAL_SERIES]], check=True)
    return folder, series


@pytest.mark.parametrize("index", range(len(REAL_SERIES)))
def test_a_mask_lies_on_the_real_images(real, index):
    folder, series = real
    images = {image.SOPInstanceUID: image
              for image in map(pydicom.dcmread, sorted((series / REAL_SERIES[index]).glob("*.dcm")))}
    seg = hd.seg.segread(folder / f"series-{index + 1}.seg.dcm")
    expected, voxels = read_expected(folder, f"series-{index + 1}")
    np.testing.assert_array_equal(seg.pixel_array, voxels)
    for item in seg.PerFrameFunctionalGroupsSequence:
        source = item.DerivationImageSequence[0].SourceImageSequence[0]
        image = images[source.ReferencedSOPInstanceUID]
        if "ReferencedFrameNumber" in source:
            image = image.PerFrameFunctionalGroupsSequence[source.ReferencedFrameNumber - 1].PlanePositionSequence[0]
        assert image.ImagePositionPatient == item.PlanePositionSequence[0].ImagePositionPatient
    first = next(iter(images.values()))
    assert (seg.PatientID, seg.StudyInstanceUID) == (first.PatientID, first.StudyInstanceUID)
    assert seg.FrameOfReferenceUID == first.FrameOfReferenceUID
    assert hd.sr.srread(folder / f"series-{index + 1}.sr.dcm").content.get_volumetric_roi_measurement_groups()


def test_dciodvfy_finds_nothing_wrong_in_a_real_study(real):
    folder, _ = real
    for kind in ("seg", "sr"):
        words = run("dciodvfy", folder / f"series-1.{kind}.dcm")
        assert "Error" not in words.stdout + words.stderr, words.stdout + words.stderr


DCMJS = """
const dcmjs = require(process.argv[1]);
const fs = require('fs');
const read = file => {
  const b = fs.readFileSync(file);
  const d = dcmjs.data.DicomMessage.readFile(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
  return dcmjs.data.DicomMetaDictionary.naturalizeDataset(d.dict);
};
const unnamed = (item) => [].concat(item.ContentSequence || []).reduce(
  (sum, child) => sum + (child.ConceptNameCodeSequence ? 0 : 1) + unnamed(child), 0);
const answer = {};
for (const file of process.argv.slice(2)) {
  const dataset = read(file);
  answer[file] = { modality: dataset.Modality, unnamed: unnamed(dataset) };
  if (dataset.Modality === 'SEG') {
    const data = new Uint8Array([].concat(dataset.PixelData)[0]);
    const count = dataset.Rows * dataset.Columns * Number(dataset.NumberOfFrames);
    const pixels = dataset.BitsAllocated === 1 ? dcmjs.data.BitArray.unpack(data) : data;
    answer[file].pixels = Array.from(pixels.slice(0, count), value => (value ? 1 : 0));
  }
}
console.log(JSON.stringify(answer));
"""


def test_dcmjs_reads_each_voxel_and_named_items(samples):
    folder = os.environ.get("H3K27M_DCMJS")
    if not folder or not shutil.which("node"):
        pytest.skip("H3K27M_DCMJS does not name a folder with node_modules/dcmjs, or node is not installed")
    files = [samples / f"{name}.seg.dcm" for name in MASKS] + [samples / f"{name}.sr.dcm" for name in REPORTS]
    result = run("node", "-e", DCMJS, Path(folder).resolve() / "node_modules" / "dcmjs", *files)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout.splitlines()[-1])
    for name in MASKS:
        _, voxels = read_expected(samples, name)
        pixels = np.array(answer[str(samples / f"{name}.seg.dcm")]["pixels"], np.uint8)
        np.testing.assert_array_equal(pixels, voxels.ravel())
    for name in REPORTS:   # OHIF reads the name of every item unasked
        assert answer[str(samples / f"{name}.sr.dcm")] == {"modality": "SR", "unnamed": 0}
