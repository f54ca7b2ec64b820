# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network as onnxruntime computes it, for test_onnx_export.py; runs in the environment of Resources/export-onnx.sh.

run_onnx.py input SIZE INPUT: writes images, a safetensors file that `h3k27m forward` reads too.
run_onnx.py compare MODEL.onnx INPUT ANSWER: the largest differences to ANSWER, what forward wrote, as JSON.
"""

import json
import sys

import numpy
import onnxruntime
from safetensors.numpy import load_file, save_file

SLICES = 3


def write_input(size, path):
    rows, columns = numpy.mgrid[0:size, 0:size] / size
    image = numpy.stack([numpy.sin(7 * rows + i) * numpy.cos(5 * columns - i) for i in range(SLICES)])
    save_file({"input": numpy.repeat(image[:, None], 3, 1).astype(numpy.float32).copy()}, path)


def compare(model, given, answer):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    classes, masks = session.run(["genotype_logits", "mask_logits"], {"image": load_file(given)["input"]})
    expected = load_file(answer)
    print(json.dumps({"genotype": float(numpy.abs(classes - expected["cls_logits"]).max()),
                      "mask": float(numpy.abs(masks - expected["seg_logits"]).max()),
                      "range": float(numpy.ptp(expected["seg_logits"])),
                      "metadata": session.get_modelmeta().custom_metadata_map}))


if sys.argv[1] == "input":
    write_input(int(sys.argv[2]), sys.argv[3])
else:
    compare(*sys.argv[2:])
