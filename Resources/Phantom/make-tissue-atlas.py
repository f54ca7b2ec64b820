#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes icbm152.safetensors, the anatomy on which Inference/Phantom paints.

    python3 -m venv /tmp/atlas && /tmp/atlas/bin/pip install nilearn==0.14.1 nibabel scipy safetensors
    /tmp/atlas/bin/python Resources/Phantom/make-tissue-atlas.py Resources/Phantom/icbm152.safetensors

Source: the ICBM 152 non-linear symmetric 2009a templates (T1, grey matter, white matter; 1 mm) that the pip package
nilearn carries; their licence is in icbm152.LICENSE beside this file. `--source DIR` reads the three .nii.gz files from
a folder instead of from the installed package.

Output, all uint8, C order [z, y, x], frame RAS in mm with the template's origin. The template is exactly
left-right symmetric (checked), so only the half x >= 0 is stored.
  grey, white, fluid   tissue fractions times 255 on a grid of 1.5 mm; they sum to at most 255
  outside              distance in units of 0.5 mm from the cranial cavity (the brain, closed by 7 mm), 4 mm grid
Metadata: {tissue,outside}_spacing_mm and _origin_mm (centre of voxel 0, 0, 0 as "x y z"), source, licence.
"""

import argparse
import pathlib

import nibabel
import numpy as np
from safetensors.numpy import save_file
from scipy import ndimage

TISSUE_SPACING_MM = 1.5
OUTSIDE_SPACING_MM = 4.0
CLOSING_MM = 7.0
# T1 of the template (0..255): median of pure fluid, and the darkest that grey matter gets.
T1_FLUID = 70.0
T1_GREY = 150.0


def load(folder, kind):
    image = nibabel.load(folder / f"mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz")
    if not np.array_equal(image.affine[:3, :3], np.eye(3)):
        raise SystemExit(f"{kind}: expected a 1 mm RAS grid")
    data = np.asanyarray(image.dataobj).astype(np.float32)
    if not np.array_equal(data, data[::-1]):
        raise SystemExit(f"{kind}: the template is not symmetric")
    return data, image.affine[:3, 3]


def sample(volume, origin, first, spacing, count):
    """Trilinear samples on a coarser grid, given and returned as [x, y, z]."""
    axes = [np.arange(n) * spacing + first[i] - origin[i] for i, n in enumerate(count)]
    return ndimage.map_coordinates(volume, np.meshgrid(*axes, indexing="ij"), order=1, cval=0.0)


def tissue_fractions(t1, grey, white):
    """Grey and white as given; fluid is what they leave of the brain, or where T1 is as dark as fluid."""
    brain = t1 > 0
    grey, white = grey / 255 * brain, white / 255 * brain
    rest = np.clip(1 - grey - white, 0, 1) * brain
    dark = np.clip((T1_GREY - t1) / (T1_GREY - T1_FLUID), 0, 1) * brain
    fluid = np.maximum(rest, dark)
    scale = (1 - fluid) / np.maximum(grey + white, 1e-6)
    return grey * np.minimum(scale, 1), white * np.minimum(scale, 1), fluid


def cavity_distance(t1, origin):
    """Distance in mm from the closed brain, on a padded 2 mm grid; returned with that grid's origin."""
    first, spacing, count = np.array([-100.0, -136.0, -124.0]), 2.0, (101, 126, 121)
    brain = sample((t1 > 0).astype(np.float32), origin, first, spacing, count) > 0.5
    grown = ndimage.distance_transform_edt(~brain, sampling=spacing) <= CLOSING_MM
    closed = ndimage.distance_transform_edt(grown, sampling=spacing) > CLOSING_MM
    return ndimage.distance_transform_edt(~(closed | brain), sampling=spacing).astype(np.float32), first, spacing


def to_bytes(volume):
    """[x, y, z] to contiguous [z, y, x] uint8."""
    return np.ascontiguousarray(np.clip(np.rint(volume), 0, 255).astype(np.uint8).transpose(2, 1, 0))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--source", type=pathlib.Path, help="folder with the three .nii.gz files")
    arguments = parser.parse_args()
    folder = arguments.source
    if folder is None:
        import nilearn
        folder = pathlib.Path(nilearn.__file__).parent / "datasets" / "data"

    t1, origin = load(folder, "t1")
    grey, _ = load(folder, "gm")
    white, _ = load(folder, "wm")

    first, count = np.array([0.0, -108.0, -72.0]), (50, 122, 105)
    fractions = tissue_fractions(t1, grey, white)
    names = ("grey", "white", "fluid")
    tensors = {name: to_bytes(255 * sample(volume, origin, first, TISSUE_SPACING_MM, count))
               for name, volume in zip(names, fractions)}

    distance, distance_origin, distance_spacing = cavity_distance(t1, origin)
    outside_first, outside_count = np.array([0.0, -132.0, -120.0]), (25, 62, 58)
    axes = [(np.arange(n) * OUTSIDE_SPACING_MM + outside_first[i] - distance_origin[i]) / distance_spacing
            for i, n in enumerate(outside_count)]
    outside = ndimage.map_coordinates(distance, np.meshgrid(*axes, indexing="ij"), order=1, mode="nearest")
    tensors["outside"] = to_bytes(2 * outside)

    save_file(tensors, arguments.output, metadata={
        "tissue_spacing_mm": str(TISSUE_SPACING_MM),
        "tissue_origin_mm": " ".join(str(v) for v in first),
        "outside_spacing_mm": str(OUTSIDE_SPACING_MM),
        "outside_origin_mm": " ".join(str(v) for v in outside_first),
        "source": "ICBM 152 non-linear symmetric 2009a (T1, grey, white) from nilearn 0.14.1",
        "licence": "see icbm152.LICENSE",
    })


if __name__ == "__main__":
    main()
