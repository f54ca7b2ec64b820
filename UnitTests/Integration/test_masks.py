# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks that people draw: each kind of file through cases/{study}/mask to a DICOM SEG, voxel for voxel; and what is
refused with its difference."""

import gzip
import io
import json
import math
import sys
import zipfile

import highdicom
import nibabel
import numpy as np
import pydicom
import pytest
import requests
from PIL import Image, ImageDraw
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid
from series_builder import make_series
from test_pacs import REPOSITORY, TestPacs

sys.path.insert(0, str(REPOSITORY / "UnitTests" / "Integration"))
from test_end_to_end import mask_volume  # noqa: E402

ROWS, COLUMNS, SLICES = 40, 35, 6   # rows * columns mod 8 != 0: the SEG is FRACTIONAL; a phantom's is BINARY


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    """Nothing is computed here unless it is asked for."""
    with TestPacs(tmp_path_factory.mktemp("masks"), build, h3k27m={"Triage": "off"}) as pacs:
        yield pacs


class Drawn:
    """A study of an oblique series, and what a person needs to draw on it."""

    def __init__(self, pacs, **attributes):
        turned = math.radians(12)
        datasets = make_series(slices=SLICES, rows=ROWS, columns=COLUMNS, **attributes)
        self.row, self.column = (1, 0, 0), (0, math.cos(turned), -math.sin(turned))
        normal = np.cross(self.row, self.column)
        for index, ds in enumerate(datasets):
            ds.PixelSpacing = ["5.5", "6.2"]
            ds.ImageOrientationPatient = [f"{v:.10f}" for v in (*self.row, *self.column)]
            position = np.array([-100.0, -80.0, -30.0]) + normal * 6.0 * index
            ds.ImagePositionPatient = [f"{v:.8f}" for v in position]
        self.pacs, self.images = pacs, datasets
        self.study = pacs.send_all(datasets)

    def url(self):
        return f"{self.pacs.client.url}/h3k27m/cases/{self.study}/mask"

    def put(self, body, content_type, method="PUT", **parameters):
        headers = {f"H3K27M-{name.replace('_', '-')}": value for name, value in parameters.items()}
        return requests.request(method, self.url(), data=body, headers={**headers, "Content-Type": content_type},
                                timeout=120)

    def accept(self, body, content_type, **parameters):
        answer = self.put(body, content_type, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refuse(self, body, content_type, status=400, **parameters):
        before = self.segmentations()
        answer = self.put(body, content_type, **parameters)
        assert answer.status_code == status, answer.text
        assert self.segmentations() == before   # nothing partial, nothing lost
        return answer.json()["Details"]

    def segmentations(self):
        return [instance for instance, _ in self.pacs.instances(self.study, "SEG")]

    def affine(self):
        """Voxel (column, row, slice) to RAS, as nibabel and dcm2niix understand it."""
        first, last = self.images[0], self.images[-1]
        spacing = [float(v) for v in first.PixelSpacing]
        positions = [np.array([float(v) for v in ds.ImagePositionPatient]) for ds in (first, last)]
        matrix = np.eye(4)
        matrix[:3, 0] = np.array(self.row) * spacing[1]
        matrix[:3, 1] = np.array(self.column) * spacing[0]
        matrix[:3, 2] = (positions[1] - positions[0]) / (SLICES - 1)
        matrix[:3, 3] = positions[0]
        return np.diag([-1, -1, 1, 1]) @ matrix

    def point(self, slice_index, column, row):
        """LPS of a place in a slice."""
        ds = self.images[slice_index]
        spacing = [float(v) for v in ds.PixelSpacing]
        position = np.array([float(v) for v in ds.ImagePositionPatient])
        return position + np.array(self.row) * spacing[1] * column + np.array(self.column) * spacing[0] * row


@pytest.fixture
def drawn(server):
    return Drawn(server)


def blob(seed=3):
    """[slice, row, column] of 0 and 1, without symmetry and with a hole."""
    rng = np.random.default_rng(seed)
    slices, rows, columns = np.mgrid[:SLICES, :ROWS, :COLUMNS]
    mask = ((rows - 17) / 9) ** 2 + ((columns - 20 + slices) / 7) ** 2 + ((slices - 2.4) / 2) ** 2 < 1
    mask &= ~(((rows - 16) / 3) ** 2 + ((columns - 19) / 2) ** 2 < 1)
    mask[2] |= rng.random((ROWS, COLUMNS)) > 0.97
    return mask.astype(np.uint8)


def nifti(affine, volume, dtype=np.uint8):
    """A NIfTI-1 file as nibabel writes it; `volume` is [first, second, third axis]."""
    return nibabel.Nifti1Image(volume.astype(dtype), affine).to_bytes()


def stored(drawn, answer):
    """The SEG as pydicom and as highdicom read it; both must agree."""
    ds = drawn.pacs.dataset(answer["segmentation"])
    mask = mask_volume(ds, drawn.images)
    seg = highdicom.seg.Segmentation.from_dataset(ds, copy=True)
    pixels = seg.get_pixels_by_source_instance([image.SOPInstanceUID for image in drawn.images],
                                               ignore_spatial_locations=True, assert_missing_frames_are_empty=True)
    np.testing.assert_array_equal(pixels[..., 0] > 0, mask > 0)
    return mask, ds


# NIfTI

@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("packed", [False, True], ids=["nii", "nii.gz"])
def test_nifti_voxel_for_voxel(drawn, dtype, packed):
    mask = blob()
    file = nifti(drawn.affine(), mask.transpose(2, 1, 0), dtype)
    answer = drawn.accept(gzip.compress(file) if packed else file, "application/x-nifti")
    found, ds = stored(drawn, answer)
    np.testing.assert_array_equal(found, mask)
    assert ds.SegmentSequence[0].SegmentAlgorithmType == "MANUAL"
    spacing = [float(v) for v in drawn.images[0].PixelSpacing]
    assert answer["volume_mm3"] == pytest.approx(mask.sum() * spacing[0] * spacing[1] * 6.0, rel=1e-6)
    assert answer["voxels"] == mask.sum()
    assert len(answer["slices"]) == (mask.sum(axis=(1, 2)) > 0).sum()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, 1), (-1, -1, 1), (1, -1, -1)])
def test_nifti_in_another_order_and_direction_of_its_axes(drawn, order, flips):
    mask = blob()
    volume, affine = mask.transpose(2, 1, 0), drawn.affine()
    for axis, sign in enumerate(flips):
        if sign < 0:
            affine[:3, 3] += affine[:3, axis] * (volume.shape[axis] - 1)
            affine[:3, axis] *= -1
            volume = np.flip(volume, axis)
    affine[:3, :3] = affine[:3, list(order)]
    found, _ = stored(drawn, drawn.accept(nifti(affine, volume.transpose(order)), "application/octet-stream"))
    np.testing.assert_array_equal(found, mask)


def test_nifti_on_another_grid_is_refused_with_the_difference(drawn):
    volume, affine = blob().transpose(2, 1, 0), drawn.affine()
    shifted = affine.copy()
    shifted[0, 3] -= 7.5
    assert "7.5 mm (left 7.5" in drawn.refuse(nifti(shifted, volume), "application/x-nifti")
    text = drawn.refuse(nifti(affine, volume[:, :, :-1]), "application/x-nifti")
    assert f"{COLUMNS} x {ROWS} x 5 voxels, the series {COLUMNS} x {ROWS} x 6" in text
    turned = affine.copy()
    turned[:3, 1], turned[:3, 2] = [0, -5.5, 0], [0, 0, 6]
    assert "turned by 12 degrees" in drawn.refuse(nifti(turned, volume), "application/x-nifti")


def test_nifti_that_is_none_or_a_bomb_is_refused(drawn):
    file = nifti(drawn.affine(), blob().transpose(2, 1, 0))
    assert "truncated" in drawn.refuse(file[:-5], "application/x-nifti")
    assert "truncated" in drawn.refuse(gzip.compress(file)[:-20], "application/gzip")
    assert "longer" in drawn.refuse(gzip.compress(file + bytes(64 << 20), 1), "application/gzip")
    assert "neither NIfTI nor ZIP nor DICOM" in drawn.refuse(b"hello" * 100, "application/octet-stream")
    assert "whole numbers" in drawn.refuse(nifti(drawn.affine(), blob().transpose(2, 1, 0) * 0.3, np.float32),
                                           "application/x-nifti")


def test_of_several_labels_one_is_chosen(drawn):
    labels = blob()
    labels[1, 5, 5:9] = 4
    file = nifti(drawn.affine(), labels.transpose(2, 1, 0))
    assert '"1", "4"' in drawn.refuse(file, "application/x-nifti")
    found, _ = stored(drawn, drawn.accept(file, "application/x-nifti", Label="4"))
    np.testing.assert_array_equal(found, labels == 4)


# LabelMe

SHAPES = [
    ("polygon", [[5.3, 7.8], [22.9, 9.1], [28.2, 30.6], [11.7, 25.4], [9.9, 14.0]]),
    ("rectangle", [[20.5, 3.5], [11.2, 9.9]]),
    ("circle", [[17.4, 20.2], [25.1, 22.3]]),
    ("line", [[4, 30], [21, 35]]),
    ("linestrip", [[3, 3], [14, 12], [30, 8]]),
    ("point", [[2, 2]]),
    (None, [[30.5, 30.5], [33, 38], [26, 36]]),
]


def draw(shape_type, points):
    """What LabelMe's shape_to_mask draws with Pillow."""
    image = Image.new("L", (COLUMNS, ROWS))
    pen, xy = ImageDraw.Draw(image), [tuple(point) for point in points]
    if shape_type == "circle":
        (cx, cy), (px, py) = xy
        d = math.hypot(cx - px, cy - py)
        pen.ellipse([cx - d, cy - d, cx + d, cy + d], outline=1, fill=1)
    elif shape_type == "rectangle":
        (ax, ay), (bx, by) = xy
        pen.rectangle([min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)], outline=1, fill=1)
    elif shape_type in ("line", "linestrip"):
        pen.line(xy, fill=1, width=10)
    elif shape_type == "point":
        (cx, cy), r = xy[0], 5
        pen.ellipse([cx - r, cy - r, cx + r, cy + r], outline=1, fill=1)
    else:
        pen.polygon(xy, outline=1, fill=1)
    return np.array(image)


def labelme(shapes, name="1.png", **attributes):
    return {"version": "5.5.0", "flags": {}, "imagePath": name, "imageData": None, "imageHeight": ROWS,
            "imageWidth": COLUMNS, "shapes": [{"label": "tumour", "group_id": None, "flags": {}, "shape_type": kind,
                                               "points": points} for kind, points in shapes], **attributes}


def pack(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, (str, bytes)) else json.dumps(content))
    return buffer.getvalue()


@pytest.mark.parametrize("shape", SHAPES, ids=[str(kind) for kind, _ in SHAPES])
def test_labelme_shapes_are_those_that_labelme_draws(drawn, shape):
    answer = drawn.accept(json.dumps(labelme([shape], "3.png")), "application/json")
    found, _ = stored(drawn, answer)
    np.testing.assert_array_equal(found[2], draw(*shape))
    assert found.sum() == found[2].sum()


def test_labelme_random_polygons_and_circles_as_a_zip(drawn):
    """Named by SOPInstanceUID and by InstanceNumber, pictures beside them."""
    rng = np.random.default_rng(27)
    for _ in range(5):
        files, expected = {"3.png": b"not looked at", "__MACOSX/._1.json": b"neither"}, np.zeros((SLICES, ROWS, COLUMNS))
        for index in range(SLICES):
            shapes = [("polygon", rng.uniform([-4, -4], [COLUMNS + 4, ROWS + 4], (n, 2)).tolist()) for n in (3, 5, 9)]
            shapes.append(("circle", rng.uniform([0, 0], [COLUMNS, ROWS], (2, 2)).tolist()))
            shapes.append(("linestrip", rng.uniform([0, 0], [COLUMNS, ROWS], (3, 2)).tolist()))
            stem = drawn.images[index].SOPInstanceUID if index % 2 else f"{index + 1:04}"
            files[f"drawn/{stem}.json"] = labelme(shapes[index % 3:])
            for shape in shapes[index % 3:]:
                expected[index] = np.maximum(expected[index], draw(*shape))
        found, _ = stored(drawn, drawn.accept(pack(files), "application/zip"))
        np.testing.assert_array_equal(found, expected)


def test_labelme_many_documents_as_an_array(drawn):
    documents = [labelme([SHAPES[0]], "2.png"), labelme([SHAPES[2]], f"{drawn.images[4].SOPInstanceUID}.dcm")]
    found, _ = stored(drawn, drawn.accept(json.dumps(documents), "application/json"))
    np.testing.assert_array_equal(found[1], draw(*SHAPES[0]))
    np.testing.assert_array_equal(found[4], draw(*SHAPES[2]))


def test_labelme_faults_are_told_all_at_once(drawn):
    text = drawn.refuse(pack({"1.json": labelme([SHAPES[0]]), "2.json": labelme([SHAPES[0]], imageWidth=COLUMNS + 1),
                              "99.json": labelme([SHAPES[0]]), "3.json": "{", "4.json": labelme([("spline", [[1, 1]])])}),
                        "application/zip")
    for part in ("'2.json': imageWidth", "'99.json': no slice", "'3.json': Not valid JSON", '"spline" is none of'):
        assert part in text, text


def test_zip_bombs_are_refused(drawn):
    assert "inflates to" in drawn.refuse(pack({"1.json": b" " * (40 << 20)}), "application/zip")
    assert "entries" in drawn.refuse(pack({f"{i}.txt": b"" for i in range(10_001)}), "application/zip")
    assert "values" in drawn.refuse("[" + "0," * 1_000_001 + "0]", "application/json")
    assert "Not valid JSON" in drawn.refuse("[" * 500, "application/json")


# RT Structure Set

def rtstruct(drawn, structures, frame=None, series=None):
    """structures: {name: [(slice, [(column, row), ...])]}."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = RTStructureSetStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
    image = drawn.images[0]
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = image.StudyInstanceUID, generate_uid(), "RTSTRUCT"
    ds.StructureSetLabel, ds.SpecificCharacterSet = "TEST", "ISO_IR 192"
    frame_uid = frame or image.FrameOfReferenceUID
    study, referenced, reference = Dataset(), Dataset(), Dataset()
    referenced.SeriesInstanceUID = series or image.SeriesInstanceUID
    study.RTReferencedSeriesSequence = [referenced]
    reference.FrameOfReferenceUID, reference.RTReferencedStudySequence = frame_uid, [study]
    ds.ReferencedFrameOfReferenceSequence = [reference]
    ds.StructureSetROISequence, ds.ROIContourSequence = [], []
    for number, (name, contours) in enumerate(structures.items(), 1):
        roi, drawing = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = number, name, frame_uid
        roi.ROIGenerationAlgorithm = "MANUAL"
        drawing.ReferencedROINumber, drawing.ContourSequence = number, []
        for index, points in contours:
            contour, source = Dataset(), Dataset()
            source.ReferencedSOPClassUID = drawn.images[index].SOPClassUID
            source.ReferencedSOPInstanceUID = drawn.images[index].SOPInstanceUID
            contour.ContourImageSequence = [source]
            contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
            contour.ContourData = [f"{v:.6f}" for point in points for v in drawn.point(index, *point)]
            drawing.ContourSequence.append(contour)
        ds.StructureSetROISequence.append(roi)
        ds.ROIContourSequence.append(drawing)
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def inside(points):
    """Even-odd, for the centre of each pixel."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS].astype(float)
    result = np.zeros((ROWS, COLUMNS), bool)
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = ((ay > rows) != (by > rows)) & (columns < (bx - ax) * (rows - ay) / (by - ay) + ax)
        result ^= crossing
    return result


OUTER = [(6.3, 5.2), (27.6, 8.4), (30.1, 31.7), (14.2, 35.3), (4.8, 20.9)]
HOLE = [(13.3, 15.1), (20.7, 14.6), (19.4, 24.2), (14.9, 22.8)]


def test_rtstruct_contours_and_holes(drawn):
    keyhole = [*OUTER, OUTER[0], *HOLE, HOLE[0]]
    file = rtstruct(drawn, {"GTV": [(1, OUTER), (2, OUTER), (2, HOLE), (3, keyhole)]})
    found, _ = stored(drawn, drawn.accept(file, "application/dicom"))
    np.testing.assert_array_equal(found[1], inside(OUTER))
    np.testing.assert_array_equal(found[2], inside(OUTER) ^ inside(HOLE))
    np.testing.assert_array_equal(found[3], inside(OUTER) ^ inside(HOLE))
    assert found[[0, 4, 5]].sum() == 0


def test_rtstruct_structure_by_name(drawn):
    file = rtstruct(drawn, {"肿瘤": [(1, OUTER)], "stem": [(1, HOLE)]})
    text = drawn.refuse(file, "application/dicom")
    assert "'roi'" in text and '"stem"' in text and '"肿瘤"' in text
    assert 'no structure "GTV"' in drawn.refuse(file, "application/dicom", Roi="GTV")
    found, _ = stored(drawn, drawn.accept(file, "application/dicom", Roi=requests.utils.quote("肿瘤")))
    np.testing.assert_array_equal(found[1], inside(OUTER))


def test_rtstruct_of_another_frame_series_or_plane_is_refused(drawn):
    other = generate_uid()
    assert other in drawn.refuse(rtstruct(drawn, {"GTV": [(1, OUTER)]}, frame=other), "application/dicom")
    assert other in drawn.refuse(rtstruct(drawn, {"GTV": [(1, OUTER)]}, series=other), "application/dicom")
    ds = pydicom.dcmread(io.BytesIO(rtstruct(drawn, {"GTV": [(1, OUTER)]})))
    contour = ds.ROIContourSequence[0].ContourSequence[0]
    contour.ContourImageSequence[0].ReferencedSOPInstanceUID = drawn.images[2].SOPInstanceUID
    buffer = io.BytesIO()
    ds.save_as(buffer)
    assert "another image of the series" in drawn.refuse(buffer.getvalue(), "application/dicom")
    assert "cannot be taken" in drawn.refuse(b"no DICOM", "application/dicom")


# A segmentation that is there already

def test_a_segmentation_of_another_program_becomes_the_mask(drawn):
    """highdicom's, with two segments."""
    first, second = blob() > 0, np.zeros((SLICES, ROWS, COLUMNS), bool)
    second[3, 2:5, 2:9] = True
    segments = [highdicom.seg.SegmentDescription(
        number, label, highdicom.sr.CodedConcept("49755003", "SCT", "Morphologically Abnormal Structure"),
        highdicom.sr.CodedConcept("108369006", "SCT", "Neoplasm"), "MANUAL") for number, label in ((1, "a"), (2, "b"))]
    seg = highdicom.seg.Segmentation(drawn.images, np.stack([first, second], -1).astype(np.uint8), "BINARY", segments,
                                     generate_uid(), 50, generate_uid(), 1, "Other", "Program", "1", "2")
    instance = drawn.pacs.send(seg)["ID"]
    body = {"segmentation": instance}
    assert '"1 a", "2 b"' in drawn.refuse(json.dumps(body), "application/json")
    found, ds = stored(drawn, drawn.accept(json.dumps({**body, "segment": 2}), "application/json"))
    np.testing.assert_array_equal(found, second)
    assert ds.SOPInstanceUID != seg.SOPInstanceUID
    found, _ = stored(drawn, drawn.accept(json.dumps({"segmentation": str(seg.SOPInstanceUID)}), "application/json",
                                          Segment="1"))
    np.testing.assert_array_equal(found, first)
    assert instance in drawn.segmentations() and len(drawn.segmentations()) == 2
    drawn.refuse(json.dumps({"segmentation": "1.2.3"}), "application/json", status=404)


# In force, replaced, withdrawn

def test_a_mask_is_in_force_until_it_is_replaced_or_withdrawn(drawn):
    absent = requests.get(drawn.url(), timeout=60)
    assert absent.status_code == 404 and "no mask" in absent.json()["Details"]

    file = nifti(drawn.affine(), blob().transpose(2, 1, 0))
    first = drawn.accept(file, "application/x-nifti", Creator="Expert%5EOne", Algorithm_Type="SEMIAUTOMATIC",
                         Algorithm_Name="region growing", Site="brain-stem")
    ds = drawn.pacs.dataset(first["segmentation"])
    assert ds.ContentCreatorName == "Expert^One" and ds.SeriesNumber == 9005
    segment = ds.SegmentSequence[0]
    assert (segment.SegmentAlgorithmType, segment.SegmentAlgorithmName) == ("SEMIAUTOMATIC", "region growing")
    assert segment.AnatomicRegionSequence[0].CodeValue == "119238007"
    assert {**requests.get(drawn.url(), timeout=60).json(), "replaced": 0} == first

    second = drawn.accept(nifti(drawn.affine(), blob(4).transpose(2, 1, 0)), "application/x-nifti")
    assert second["replaced"] == 1 and drawn.segmentations() == [second["segmentation"]]
    again = drawn.put(nifti(drawn.affine(), blob(4).transpose(2, 1, 0)), "application/x-nifti", method="POST").json()
    assert again == {**second, "replaced": 0}

    for seen in (first["segmentation_instance_uid"], "none"):
        refused = requests.delete(drawn.url(), headers={"H3K27M-Replaces": seen}, timeout=60)
        assert refused.status_code == 409 and second["segmentation_instance_uid"] in refused.json()["Details"]
    assert drawn.segmentations() == [second["segmentation"]]
    seen = {"H3K27M-Series": second["series"], "H3K27M-Replaces": second["segmentation_instance_uid"]}
    assert requests.delete(drawn.url(), headers=seen, timeout=60).json()["withdrawn"] == 1
    assert drawn.segmentations() == []
    assert requests.get(drawn.url(), timeout=60).status_code == 404
    assert requests.delete(drawn.url(), timeout=60).status_code == 404


def test_the_history_tells_a_mask_that_came_or_went_by_dicom_and_one_of_a_request_once(server, drawn):
    def history():
        entries = server.client.get(f"/h3k27m/cases/{drawn.study}/history")["entries"]
        return [(entry["action"], entry["by"]) for entry in entries]

    first = drawn.accept(nifti(drawn.affine(), blob().transpose(2, 1, 0)), "application/x-nifti", Creator="Expert%5EOne")
    foreign = server.dataset(first["segmentation"])
    assert requests.delete(drawn.url(), timeout=60).json() == {
        "study": drawn.study, "withdrawn": 1, "segmentation_instance_uid": first["segmentation_instance_uid"]}
    foreign.SOPInstanceUID = foreign.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    foreign.SeriesInstanceUID = generate_uid()
    foreign.ContentCreatorName = "Expert^Two"
    series = server.send(foreign)["ParentSeries"]
    told = [("mask-received", "Expert^Two"), ("withdrawMask", None), ("putMask", None)]
    server.wait_until(lambda: history() == told, 60, "the mask in the history")
    server.client.request("DELETE", f"/series/{series}")
    server.wait_until(lambda: history() == [("mask-removed", "Expert^Two"), *told], 60, "its end in the history")


def test_which_series(server, drawn):
    series = drawn.images[0].SeriesInstanceUID
    file = nifti(drawn.affine(), blob().transpose(2, 1, 0))
    by_name = drawn.accept(file, "application/x-nifti", Series=series)
    assert by_name["series_instance_uid"] == series
    assert requests.get(drawn.url(), params={"series": by_name["series"]}, timeout=60).status_code == 200
    assert requests.get(drawn.url(), params={"series": "1.2.3"}, timeout=60).status_code == 404
    assert requests.get(drawn.url(), params={"colour": "red"}, timeout=60).status_code == 400
    drawn.refuse(file, "application/x-nifti", status=404, Series="1.2.3")

    t1 = Drawn(server, EchoTime="12", SeriesDescription="T1 AX")
    assert "nothing to lay a mask on" in t1.refuse(file, "application/x-nifti", status=409)
    assert requests.get(f"{server.client.url}/h3k27m/cases/nowhere/mask", timeout=60).status_code == 404


def test_what_a_foreign_page_could_send_is_refused(drawn):
    file = nifti(drawn.affine(), blob().transpose(2, 1, 0))
    for content_type in ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded"):
        drawn.refuse(file, content_type, status=415)
    assert requests.delete(drawn.url(), headers={"Origin": "http://evil.example"}, timeout=60).status_code == 403


def test_triage_and_a_persons_mask_leave_each_other_alone(server):
    """A phantom's own mask is replaced by the person's; the model's SEG stands beside it; no round begins by itself."""
    made = server.make_phantom(seed=77, status="altered")
    study = made["study"]
    url = f"{server.client.url}/h3k27m/cases/{study}/mask"
    planted = requests.get(url, timeout=60).json()
    assert planted["synthetic"] is True and planted["segmentation"] == made["mask"]

    server.client.post(f"/h3k27m/cases/{study}/triage", {})
    case = server.wait_for_case(study, "done")
    model = case["result"]["segmentation"]
    answer = requests.put(url, json={"segmentation": model}, timeout=60)
    assert answer.status_code == 200, answer.text
    mask = answer.json()
    assert mask["replaced"] == 1 and mask["algorithm_type"] == "SEMIAUTOMATIC" and mask["synthetic"] is False
    images = server.images(study)
    np.testing.assert_array_equal(mask_volume(server.dataset(mask["segmentation"]), images),
                                  mask_volume(server.dataset(model), images))

    server.settle()
    assert server.client.get_case(study)["finished"] == case["finished"]   # the new SEG started nothing
    server.client.post(f"/h3k27m/cases/{study}/triage", {"force": True})
    server.wait_until(lambda: server.client.get_case(study)["finished"] != case["finished"], what="another round")
    case = server.wait_for_case(study, "done")
    found = {instance for instance, _ in server.instances(study, "SEG")}
    assert found == {mask["segmentation"], case["result"]["segmentation"]}
    assert requests.get(url, timeout=60).json()["segmentation"] == mask["segmentation"]


def test_a_mask_that_lost_its_image_is_told_replaced_and_withdrawn(server, drawn):
    import jsonschema
    api = server.client.get("/h3k27m/openapi.json")

    def look():
        view = server.client.get(f"/h3k27m/cases/{drawn.study}/view")
        schema = {"$ref": "#/components/schemas/CaseView", "components": api["components"]}
        jsonschema.Draft202012Validator(schema).validate(view)
        return view

    mask = blob()
    first = drawn.accept(nifti(drawn.affine(), mask.transpose(2, 1, 0)), "application/x-nifti")
    assert look()["masks"]["human"]["voxels"] == first["voxels"]
    images = {server.dataset(image).SOPInstanceUID: image for image, _ in server.instances(drawn.study, "MR")}
    server.client.request("DELETE", f"/instances/{images[drawn.images[2].SOPInstanceUID]}")
    view = look()
    assert view["places"] == [0, 1, 3, 4, 5]
    lost = view["masks"]["human"]
    assert lost["sop_instance_uid"] == first["segmentation_instance_uid"] and "nearest slice" in lost["fault"]

    mask[2] = 0
    second = drawn.accept(nifti(drawn.affine(), mask.transpose(2, 1, 0)), "application/x-nifti",
                          Replaces=first["segmentation_instance_uid"])
    assert second["replaced"] == 1 and look()["masks"]["human"]["fault"] is None
    server.client.request("DELETE", f"/instances/{images[drawn.images[1].SOPInstanceUID]}")
    assert look()["masks"]["human"]["fault"]
    assert requests.delete(drawn.url(), timeout=60).json()["withdrawn"] == 1
    assert look()["masks"]["human"] is None


def test_answers_are_as_openapi_says(server, drawn):
    import jsonschema
    api = server.client.get("/h3k27m/openapi.json")
    answer = drawn.accept(nifti(drawn.affine(), blob().transpose(2, 1, 0)), "application/x-nifti")
    for method, body in (("put", answer), ("get", requests.get(drawn.url(), timeout=60).json()),
                         ("delete", requests.delete(drawn.url(), timeout=60).json())):
        response = api["paths"]["/cases/{study}/mask"][method]["responses"]["200"]
        schema = {**response["content"]["application/json"]["schema"], "components": api["components"]}
        jsonschema.Draft202012Validator(schema).validate(body)
