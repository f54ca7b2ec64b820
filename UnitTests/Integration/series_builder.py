# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axial T2 series made in code, so that a test needs neither a phantom nor a fixture and can break one thing at a time."""

import numpy as np
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

# Parts of the implementation's UID are the same for all; pydicom draws the rest at random for each test.
SIDE = 64


def head(rng, position, rows=SIDE, columns=SIDE):
    """An ellipse of bright noise: enough for the network to have something to look at."""
    y, x = np.mgrid[-1:1:complex(rows), -1:1:complex(columns)]
    inside = (x / 0.7) ** 2 + (y / 0.85) ** 2 + (position / 90) ** 2 < 1
    return (inside * rng.normal(400, 40, (rows, columns))).clip(0, 2000).astype(np.uint16)


def make_series(slices=6, rows=SIDE, columns=SIDE, spacing_mm=6.0, study=None, **attributes):
    """Datasets of a series that the router takes; `attributes` replace attributes of every slice by keyword."""
    rng = np.random.default_rng(27)
    study_uid = study or generate_uid()
    series_uid, frame_uid = generate_uid(), generate_uid()
    datasets = []
    for index in range(slices):
        ds = pydicom.Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = MRImageStorage
        ds.SOPInstanceUID = generate_uid()
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study_uid, series_uid, frame_uid
        ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "TEST^BUILDER", "BUILDER", "", "O"
        ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = "20200102", "101112", "", "1"
        ds.ReferringPhysicianName = ""
        ds.Modality, ds.Manufacturer, ds.SeriesNumber, ds.InstanceNumber = "MR", "Builder", 3, index + 1
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
        ds.SeriesDescription, ds.BodyPartExamined = "T2 TSE AX", "HEAD"
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions, ds.MRAcquisitionType = "SE", "SK", "", "2D"
        ds.EchoTime, ds.RepetitionTime, ds.EchoTrainLength, ds.FlipAngle = "100", "4500", "16", "90"
        ds.SliceThickness, ds.SpacingBetweenSlices = str(spacing_mm), str(spacing_mm)
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        z = (index - slices / 2) * spacing_mm
        ds.ImagePositionPatient = [-110, -110, z]
        ds.PixelSpacing = [220 / rows, 220 / columns]
        ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = rows, columns, 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
        ds.PixelData = head(rng, z, rows, columns).tobytes()
        for name, value in attributes.items():
            setattr(ds, name, value)
        datasets.append(ds)
    return datasets


def with_new_identity(datasets, patient_id=None):
    """The same images as another study: all UIDs are new, so that Orthanc and the plugin have never seen them."""
    fresh = {}

    def replace(uid):
        return fresh.setdefault(uid, generate_uid())

    for ds in datasets:
        for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
            if name in ds:
                setattr(ds, name, replace(getattr(ds, name)))
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        if patient_id:
            ds.PatientID = patient_id
    return datasets
