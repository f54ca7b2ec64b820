# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: a reason in cases/, nothing partial in the PACS, and the next study is processed."""

import copy
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import generate_uid
from series_builder import make_series
from test_pacs import OrthancError


@pytest.fixture(autouse=True)
def next_study_is_processed(pacs):
    yield
    assert pacs.wait_for_case(pacs.send_all(make_series(slices=4)), "done")["result"]["report"]
    assert pacs.process.poll() is None


def peak_bytes(pid):
    """The most memory that a process ever held."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def refuse(pacs, datasets, *words):
    """The study ends as refused or dead without anything of ours in it; its reason holds one of the words."""
    study = pacs.send_all(datasets)
    case = pacs.wait_for_case(study)
    assert case["state"] in ("refused", "dead"), case
    assert pacs.results(study) == {"SEG": [], "SR": []}
    said = " ".join([case["reason"], *(reason for verdict in case["routing"] for reason in verdict["reasons"])]).lower()
    assert any(word in said for word in words), said
    return case


@pytest.mark.parametrize("size", [(65535, 65535), (0, 64), (4096, 65535)])
def test_sizes_that_lie(pacs, size):
    """A kilobyte that says it holds 65,535 x 65,535 pixels: refused before anything large is allocated."""
    pids = (pacs.process.pid, pacs.engine()["pid"])
    before = [peak_bytes(pid) for pid in pids]
    datasets = make_series(slices=4)
    for ds in datasets:
        ds.Rows, ds.Columns = size
        ds.PixelData = b"\x01\x00" * 200
    refuse(pacs, datasets, "rows", "columns", "limit", "pixel", "bytes", "size")
    assert all(peak_bytes(pid) < peak + (64 << 20) for pid, peak in zip(pids, before))


@pytest.mark.parametrize("keyword", ["ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "PixelData",
                                     "Rows", "BitsAllocated"])
def test_missing_attributes(pacs, keyword):
    datasets = make_series(slices=4)
    for ds in datasets:
        ds["PixelData"].VR = "OW"   # else pydicom asks BitsAllocated for it when it writes
        del ds[keyword]
    refuse(pacs, datasets, keyword.lower(), "orientation", "position", "spacing", "pixel", "geometry", "rows", "bits")


def test_empty_and_not_a_number_geometry(pacs):
    for value in (["", "", ""], ["nan", "0", "0"], ["1e400", "0", "0"]):
        datasets = make_series(slices=4)
        for ds in datasets:
            # Bypasses pydicom's own check of the value.
            element = pydicom.DataElement(0x00200032, "LO", "\\".join(value))
            element.VR = "DS"
            element._value = value   # noqa: SLF001
            ds[0x00200032] = element
            ds[0x00200032].validation_mode = pydicom.config.IGNORE
        try:
            refuse(pacs, datasets, "position", "geometry", "number", "finite")
        except (ValueError, TypeError, OverflowError) as fault:
            pytest.fail(f"the test could not write {value}: {fault}")


def test_mixed_sizes(pacs):
    datasets = make_series(slices=4)
    small = make_series(slices=4, rows=32, columns=32)
    datasets[2].Rows, datasets[2].Columns, datasets[2].PixelData = 32, 32, small[2].PixelData
    refuse(pacs, datasets, "size", "rows", "matrix", "columns", "differ")


def test_mixed_orientations(pacs):
    datasets = make_series(slices=4)
    datasets[2].ImageOrientationPatient = [0.97, 0.25, 0, -0.25, 0.97, 0]
    refuse(pacs, datasets, "orientation")


def test_duplicate_positions(pacs):
    datasets = make_series(slices=4)
    twin = copy.deepcopy(datasets[1])
    twin.SOPInstanceUID = twin.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    twin.InstanceNumber = 99
    refuse(pacs, [*datasets, twin], "position", "same", "duplicate", "twice")


def test_uneven_spacing(pacs):
    datasets = make_series(slices=6)
    datasets[3].ImagePositionPatient = [-110, -110, float(datasets[3].ImagePositionPatient[2]) + 2.3]
    refuse(pacs, datasets, "spacing", "uneven", "uniform")


def test_truncated_pixels(pacs):
    datasets = make_series(slices=4)
    datasets[1].PixelData = datasets[1].PixelData[:1000]
    refuse(pacs, datasets, "pixel", "bytes", "short", "truncated", "decode")


def test_damaged_jpeg(pacs):
    datasets = make_series(slices=4)
    for ds in datasets:
        ds.compress(pydicom.uid.JPEG2000Lossless, generate_instance_uid=False)
    content = bytearray(datasets[2].PixelData)
    content[60:120] = bytes(60)
    datasets[2].PixelData = bytes(content)
    refuse(pacs, datasets, "decode", "pixel", "jpeg")


def test_unknown_transfer_syntax(pacs):
    """One that nobody decodes. Orthanc may refuse it itself at the door; then there is nothing to route."""
    datasets = make_series(slices=4)
    for ds in datasets:
        ds.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
        ds.file_meta.TransferSyntaxUID = pydicom.uid.MPEG4HP41
    try:
        refuse(pacs, datasets, "transfer syntax", "decode", "pixel", "syntax")
    except OrthancError as fault:
        assert " answered 400" in str(fault)


def test_a_single_slice_and_no_slice(pacs):
    study = pacs.send_all(make_series(slices=1))
    case = pacs.wait_for_case(study)
    assert case["state"] in ("done", "refused"), case
    ct = make_series(slices=3, Modality="CT", SOPClassUID=pydicom.uid.CTImageStorage)
    for ds in ct:
        ds.file_meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    refuse(pacs, ct, "mr", "modality")


@pytest.mark.parametrize("content", [b"", b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 64])
def test_files_that_are_no_dicom_never_reach_us(pacs, content):
    with pytest.raises(OrthancError):
        pacs.send(content)
