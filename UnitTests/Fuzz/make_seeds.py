#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes good inputs for the fuzzers to begin with: FOLDER/<name>/*. No patient is in them."""

import io
import json
import struct
import sys
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

REPOSITORY = Path(__file__).parents[2]
LABEL = {"genotype": "altered", "assay": "pyrosequencing", "gene": "H3F3A", "site": "here", "pre_operative": True,
         "split": "development", "annotator": "Doe^Jane"}
REVIEW = {"decision": "corrected", "status": "wild-type", "reason": "motion", "reviewer": "Li^Wei", "organisation": "Bonn",
          "result": "1.2.3", "replaces": ""}
LABELME = {"version": "5.2", "imagePath": "2.png", "imageHeight": 48, "imageWidth": 40, "shapes": [
    {"label": "tumour", "shape_type": "polygon", "points": [[3, 3], [30, 4], [20.5, 40]]},
    {"label": "tumour", "shape_type": "circle", "points": [[10, 10], [12, 12]]},
    {"label": "tumour", "shape_type": "rectangle", "points": [[1, 1], [8, 9]]}]}
RESULT = {"genotype": {"status": "altered", "probability_altered": 0.75, "member_probabilities": [0.5, 1], "threshold": 0.5,
                       "logic": "", "slices": [{"slice": 2, "probability_altered": 0.7, "tumour_area_mm2": 120.5}],
                       "agrees_with_mask": False, "reason": ""},
          "tumour": {"found": True, "voxels": 12, "volume_mm3": 54.5, "slices": [2]},
          "timings_ms": {"receive": 1, "preprocess": 2, "network": 3, "postprocess": 4, "total": 10},
          "network_ms_per_slice": 2, "slices_computed": 5, "warnings": []}


def safetensors(header, data=b""):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def dicom(syntax, **elements):
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = syntax
    file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID = elements.pop("sop_class", "1.2.840.10008.5.1.4.1.1.4")
    file.SOPInstanceUID = file.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    for name, value in elements.items():
        setattr(file, name, value)
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, file, enforce_file_format=True, little_endian=True,
                     implicit_vr=syntax == ImplicitVRLittleEndian)
    return buffer.getvalue()


def image(syntax):
    return dicom(syntax, Modality="MR", StudyInstanceUID="1.2", SeriesInstanceUID="1.2.3", Rows=4, Columns=4,
                 BitsAllocated=16, BitsStored=12, HighBit=11, PixelRepresentation=0, SamplesPerPixel=1,
                 PhotometricInterpretation="MONOCHROME2", PixelSpacing=[1, 1], ImagePositionPatient=[0, 0, 0],
                 ImageOrientationPatient=[1, 0, 0, 0, 1, 0], InstanceNumber=1, EchoTime=100, PixelData=bytes(32))


def structure_set():
    contour, roi, name = Dataset(), Dataset(), Dataset()
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 3
    contour.ContourData = [0, 0, 0, 1, 0, 0, 0, 1, 0]
    roi.ReferencedROINumber, roi.ContourSequence = 1, [contour]
    name.ROINumber, name.ROIName = 1, "tumour"
    return dicom(ExplicitVRLittleEndian, sop_class="1.2.840.10008.5.1.4.1.1.481.3", Modality="RTSTRUCT",
                 StructureSetROISequence=[name], ROIContourSequence=[roi])


def archive(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def nifti():
    file = nibabel.Nifti1Image(np.zeros((4, 5, 3), np.uint8), np.diag([-1, -1, 5, 1]))
    return file.to_bytes()


def main():
    folder = Path(sys.argv[1])
    tensor = {"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    frame = {"__metadata__": {"protocol": "5", "verb": "study-begin", "id": "1", "rows": "4", "threshold": "0.5",
                              "result": json.dumps(RESULT)}}
    configuration = {"Triage": "on", "Routing": {"Planes": ["axial"]}, "Limits": {"MaxSlices": 600}, "Threads": 2}
    seeds = {
        "Safetensors": [safetensors(tensor, bytes(24)), safetensors({"__metadata__": {"a": "b"}})],
        "Frame": [safetensors(frame), safetensors({**frame, "voxels": {"dtype": "U16", "shape": [2, 2],
                                                                       "data_offsets": [0, 8]}}, bytes(8))],
        "Prediction": [json.dumps(RESULT).encode()],
        "Card": [(REPOSITORY / "Resources" / "Models" / "phantom-demonstration" / "card.json").read_bytes()],
        "Csv": [b"genotype,assay,gene,site,pre_operative,split,reason,annotator,reviser\r\naltered,other,,here,true,"
                b"development,,Jane,\r\n\"wild-type\",ihc,,\"a, b\",false,excluded,other,Jane,\n"],
        "LabelMe": [json.dumps(LABELME).encode()],
        "Nifti": [nifti(), nifti()[:348]],
        "Zip": [archive({"2.json": json.dumps(LABELME), "a/b.txt": "x" * 1000})],
        "Dicom": [image(ExplicitVRLittleEndian), image(ImplicitVRLittleEndian), structure_set()],
        "Settings": [json.dumps(configuration).encode()],
        "Body": [json.dumps(LABEL).encode(), json.dumps({"kind": "ablate", "config": {"folds": 5}}).encode(),
                 json.dumps(LABELME).encode(), json.dumps(REVIEW).encode(), json.dumps({"segmentation": "1.2.3", "algorithm_type": "MANUAL"}).encode()],
    }
    for name, contents in seeds.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(contents):
            (folder / name / f"seed-{number}").write_bytes(content)


if __name__ == "__main__":
    main()
