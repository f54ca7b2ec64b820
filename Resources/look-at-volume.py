#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws slices of a volume, with the outline of a mask, into one PNG: to look at phantoms, inputs and results.

    python3 Resources/look-at-volume.py IMAGE OUTPUT.png [--mask MASK] [--slices 24] [--columns 6]

IMAGE is a NIfTI file or a folder of DICOM slices (.dcm); MASK a NIfTI file on the same voxels.
Needs numpy, nibabel, pillow and, for DICOM, pydicom.
"""

import argparse
import pathlib

import numpy as np
from PIL import Image

TILE = 256


def read_nifti(path):
    """[slice, row, column], rows to posterior, columns to the patient's left, lowest slice first."""
    import nibabel
    image = nibabel.as_closest_canonical(nibabel.load(path))
    data = np.asanyarray(image.dataobj)
    spacing = image.header.get_zooms()
    return data.transpose(2, 1, 0)[:, ::-1, ::-1], float(spacing[1]) / float(spacing[0])


def read_dicom(folder):
    import pydicom
    slices = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    normal = np.cross(slices[0].ImageOrientationPatient[:3], slices[0].ImageOrientationPatient[3:])
    slices.sort(key=lambda item: float(np.dot(normal, item.ImagePositionPatient)))
    spacing = slices[0].PixelSpacing
    return np.stack([item.pixel_array for item in slices]), float(spacing[0]) / float(spacing[1])


def outline(mask):
    inner = mask.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            inner &= np.roll(mask, step, axis)
    return mask & ~inner


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--mask", type=pathlib.Path)
    parser.add_argument("--slices", type=int, default=24)
    parser.add_argument("--columns", type=int, default=6)
    arguments = parser.parse_args()

    volume, aspect = read_dicom(arguments.image) if arguments.image.is_dir() else read_nifti(arguments.image)
    grey = np.clip(volume / max(np.percentile(volume, 99.5), 1e-6), 0, 1) * 255
    mask = read_nifti(arguments.mask)[0] > 0 if arguments.mask else np.zeros(volume.shape, bool)
    chosen = np.unique(np.linspace(0, len(volume) - 1, arguments.slices).round().astype(int))
    lines = -(-len(chosen) // arguments.columns)
    sheet = Image.new("RGB", (TILE * arguments.columns, TILE * lines))
    for position, index in enumerate(chosen):
        picture = np.repeat(grey[index].astype(np.uint8)[:, :, None], 3, axis=2)
        picture[outline(mask[index])] = (255, 0, 0)
        height, width = picture.shape[0] * aspect, picture.shape[1]
        scale = TILE / max(height, width)
        tile = Image.fromarray(picture).resize((max(1, int(width * scale)), max(1, int(height * scale))))
        sheet.paste(tile, (position % arguments.columns * TILE, position // arguments.columns * TILE))
    sheet.save(arguments.output)
    print(f"{len(volume)} slices of {volume.shape[1]} x {volume.shape[2]}, {int(mask.sum())} voxels marked")


if __name__ == "__main__":
    main()
