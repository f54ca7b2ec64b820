# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same study in each lossless transfer syntax gives the same mask, voxel for voxel."""

import copy
import subprocess

import numpy as np
import pydicom
import pytest
from conftest import require_tool
from pydicom import uid
from series_builder import with_new_identity

SYNTAXES = {
    "implicit-le": uid.ImplicitVRLittleEndian,
    "deflated": uid.DeflatedExplicitVRLittleEndian,
    "rle": uid.RLELossless,
    "jpeg2000": uid.JPEG2000Lossless,
    "jpeg-ls": uid.JPEGLSLossless,
}
# By DCMTK's own tools, where pydicom has no writer.
TOOLS = {
    "big-endian": ["dcmconv", "+F", "+tb"],
    "jpeg-lossless": ["dcmcjpeg", "+un", "+el"],
    "jpeg-lossless-sv1": ["dcmcjpeg", "+un", "+e1"],
}


@pytest.fixture(scope="module")
def reference(pacs):
    made = pacs.make_phantom(seed=77, status="altered")
    case = pacs.wait_for_case(made["study"], "done")
    assert case["result"]["segmentation"], "this phantom needs a tumour that the model finds"
    return {"images": pacs.images(made["study"]), "mask": masks(pacs, case), "case": case}


def masks(pacs, case):
    ds = pacs.dataset(case["result"]["segmentation"])
    planes = {float(frame.PlanePositionSequence[0].ImagePositionPatient[2]): index
              for index, frame in enumerate(ds.PerFrameFunctionalGroupsSequence)}
    pixels = ds.pixel_array.reshape(int(ds.NumberOfFrames), ds.Rows, ds.Columns)
    return {z: pixels[index] for z, index in planes.items()}


def check(pacs, reference, datasets):
    case = pacs.wait_for_case(pacs.send_all(datasets), "done")
    found = masks(pacs, case)
    assert found.keys() == reference["mask"].keys()
    assert all(np.array_equal(found[z], plane) for z, plane in reference["mask"].items())
    assert case["result"]["prediction"]["probability_altered"] == \
        reference["case"]["result"]["prediction"]["probability_altered"]


@pytest.mark.parametrize("name", SYNTAXES)
def test_written_by_pydicom(pacs, reference, name):
    datasets = with_new_identity(copy.deepcopy(reference["images"]))
    for ds in datasets:
        if SYNTAXES[name].is_compressed and not SYNTAXES[name].is_deflated:
            ds.compress(SYNTAXES[name], generate_instance_uid=False)
        else:
            ds.file_meta.TransferSyntaxUID = SYNTAXES[name]
    check(pacs, reference, datasets)


@pytest.mark.parametrize("name", TOOLS)
def test_written_by_dcmtk(pacs, reference, name, tmp_path):
    files = []
    for index, ds in enumerate(with_new_identity(copy.deepcopy(reference["images"]))):
        ds.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
        files.append(tmp_path / f"{index}.dcm")
        tool, *options = TOOLS[name]
        subprocess.run([require_tool(tool), *options, str(tmp_path / "plain.dcm"), str(files[-1])], check=True)
    expected = {"big-endian": uid.ExplicitVRBigEndian, "jpeg-lossless": uid.JPEGLossless,
                "jpeg-lossless-sv1": uid.JPEGLosslessSV1}[name]
    assert pydicom.dcmread(files[0], stop_before_pixels=True).file_meta.TransferSyntaxUID == expected
    check(pacs, reference, files)


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_slope_and_intercept_are_applied(pacs, reference, signed):
    """Stored values moved and scaled, and told so by slope and intercept, mean the same image."""
    datasets = with_new_identity(copy.deepcopy(reference["images"]))
    for ds in datasets:
        pixels = ds.pixel_array.astype(np.int32)
        pixels = pixels * 2 - 1000 if signed else pixels * 2 + 100
        ds.PixelData = pixels.astype(np.int16 if signed else np.uint16).tobytes()
        ds.PixelRepresentation = int(signed)
        ds.BitsStored, ds.HighBit = 16, 15
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = "0.5", "500" if signed else "-50", "US"
        for name in ("SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue"):
            if name in ds:
                delattr(ds, name)
    check(pacs, reference, datasets)
