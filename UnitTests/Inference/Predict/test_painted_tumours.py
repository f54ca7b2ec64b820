# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration model on a real T2 scan into whose midline a tumour is painted.

It has seen nothing but synthetic heads. No real diffuse midline glioma may be had here, so a real head (3D anatomy, skin,
vessels, a real scanner's contrast) gets a bright, slightly lobed lesion of known shape; what is said is that the masks are
sane on real anatomy, not that real tumours are found.
"""

import json
import os
import subprocess
from pathlib import Path

import nibabel
import numpy
import pytest
from scipy.ndimage import gaussian_filter

REPOSITORY = Path(__file__).parents[3]
ENGINE = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release")) / "h3k27m"
MODEL = REPOSITORY / "Resources" / "Models" / "phantom-demonstration"
SCAN = REPOSITORY.parent / "shared" / "fixtures" / "nifti" / "lgg-tcga-fg-6692-t2-native-axial.nii.gz"

# Centre in voxels of the scan turned to RAS, half axes in mm, brightness relative to the tissue there. The scan holds a
# glioma of its own, in the left frontal lobe, far from these.
PLACES = {"pons": ((112, 118, 7), (16, 14, 16), 1.8), "small and faint, pons": ((112, 118, 7), (12, 12, 12), 1.5),
          "thalamus": ((100, 125, 13), (13, 14, 14), 1.7), "midbrain": ((112, 115, 10), (11, 11, 12), 1.8)}

pytestmark = pytest.mark.skipif(not SCAN.exists(), reason="the real scans of ../shared/fixtures are not on this machine")


def rough(generator, shape, sigma):
    """Smooth noise of deviation 1."""
    noise = gaussian_filter(generator.standard_normal(shape), sigma)
    return noise / noise.std()


def paint(voxels, spacing, centre, half_axes, gain):
    """(scan with the lesion, its mask)."""
    generator = numpy.random.default_rng(0)
    position = numpy.indices(voxels.shape).astype(float)
    distance = sum(((position[i] - centre[i]) * spacing[i] / half_axes[i]) ** 2 for i in range(3)) ** 0.5
    mask = distance + 0.12 * rough(generator, voxels.shape, [3, 3, 0.6]) < 1
    edge = gaussian_filter(mask.astype(float), [1, 1, 0.3])
    tissue = numpy.median(voxels[mask])
    lesion = tissue * (gain + 0.12 * rough(generator, voxels.shape, [1.5, 1.5, 0.5]))
    return voxels * (1 - edge) + lesion * edge, mask


def predict(folder, voxels, affine):
    nibabel.save(nibabel.Nifti1Image(voxels.astype(numpy.float32), affine), folder / "scan.nii.gz")
    result = subprocess.run([ENGINE, "predict", "--model", MODEL, "--mask", folder / "mask.nii.gz",
                             folder / "scan.nii.gz"], capture_output=True, text=True, check=True)
    json.loads(result.stdout.splitlines()[-1])
    return numpy.asarray(nibabel.load(folder / "mask.nii.gz").dataobj) > 0


@pytest.fixture(scope="module")
def scan():
    image = nibabel.as_closest_canonical(nibabel.load(SCAN))
    return numpy.asarray(image.dataobj, dtype=float), numpy.array(image.header.get_zooms()), image.affine


@pytest.mark.parametrize("place", PLACES)
def test_a_lesion_painted_into_the_midline_is_marked_where_it_is(scan, tmp_path, place):
    voxels, spacing, affine = scan
    painted, lesion = paint(voxels, spacing, *PLACES[place])
    marked = predict(tmp_path, painted, affine)
    dice = 2 * (marked & lesion).sum() / (marked.sum() + lesion.sum())
    missed = 1 - (marked & lesion).sum() / lesion.sum()
    millilitre = spacing.prod() / 1000
    print(f"remark: {place}: painted {lesion.sum() * millilitre:.1f} ml, marked {marked.sum() * millilitre:.1f} ml, "
          f"Dice {dice:.2f}, missed {missed:.0%}")
    assert dice >= 0.5
    assert missed <= 0.25
