# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what 3D Slicer holds after it has read a label map, as NumPy has it: `voxels` [k, j, i] and `to_index`, the matrix from
a place in the patient (RAS, mm) to i, j, k. Runs in an environment of its own: read_with_slicer.py MASK.nrrd OUT.npz
"""

import sys

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy


def main(mask, target):
    scene = slicer.vtkMRMLScene()
    node = slicer.vtkMRMLLabelMapVolumeNode()
    reader = slicer.vtkMRMLVolumeArchetypeStorageNode()
    scene.AddNode(node)
    scene.AddNode(reader)
    reader.SetFileName(mask)
    if not reader.ReadData(node):
        raise SystemExit(f"3D Slicer cannot read {mask}")
    matrix = vtk.vtkMatrix4x4()
    node.GetRASToIJKMatrix(matrix)
    image = node.GetImageData()
    voxels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])
    np.savez(target, voxels=voxels, to_index=[[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


main(*sys.argv[1:])
