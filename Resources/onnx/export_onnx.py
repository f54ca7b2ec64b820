# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a model's network as ONNX (Resources/export-onnx.sh).

Input `image` [N, 3, S, S], float32: the slice three times, as the model's card says under preprocessing (of the range 0 to 1,
less mean, through deviation). Outputs for each slice: `genotype_logits` [N, 2] (altered, wild type) and `mask_logits`
[N, 3, S, S] (background, tumour of an altered case, tumour of a wild-type case). What the engine does around the network (frame
of the head, choice of slices, score of the patient, threshold) is not in the file; the card's figures are in its metadata.
Research use only.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file

from fusion_network import FusionNetwork
from graph import Graph

NOTICE = "Research use only. Not a medical device: no diagnosis, no treatment may rest on it."


class Refused(Exception):
    """What was named cannot be exported."""


def read_model(folder):
    """(card, weights) of a folder with one network."""
    card_file, weights_file = Path(folder) / "card.json", Path(folder) / "model.safetensors"
    if not card_file.exists():
        raise Refused(f"{folder} is no model's folder: it has no card.json")
    if not weights_file.exists():
        raise Refused(f"{folder} has no model.safetensors; of an ensemble, name the folder of one of its networks")
    weights = load_file(weights_file)
    if "decoder.cls_conv1.weight" not in weights:
        raise Refused("only networks with the fusion head are exported (models 4 to 6 of the paper)")
    return json.loads(card_file.read_text(encoding="utf-8")), weights


def make_model(folder):
    card, weights = read_model(folder)
    size = card["input_size"]
    graph = Graph(weights)
    genotype, masks = FusionNetwork(graph, size).build("image")
    digest = hashlib.sha256((Path(folder) / "model.safetensors").read_bytes()).hexdigest()
    metadata = {"notice": NOTICE, "model": card["name"], "weights_sha256": digest,
                "preprocessing": json.dumps(card["preprocessing"]), "threshold": str(card["threshold"]),
                "genotypes": "altered, wild type", "trained_on": card.get("trained_on", "")}
    model = graph.finish(card["name"], {"image": (None, ["N", 3, size, size])},
                         {"genotype_logits": (genotype, ["N", 2]), "mask_logits": (masks, ["N", 3, size, size])}, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model, size


def main():
    try:
        model, size = make_model(sys.argv[1])
    except Refused as reason:
        sys.exit(f"export-onnx: {reason}")
    output = Path(sys.argv[2])
    onnx.save(model, output)
    # A file that its reader cannot run is worth nothing.
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    session.run(None, {"image": numpy.zeros((1, 3, size, size), numpy.float32)})
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB, opset {model.opset_import[0].version}, input 3 x {size} x {size}. {NOTICE}")


if __name__ == "__main__":
    main()
