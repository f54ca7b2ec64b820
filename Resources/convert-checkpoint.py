#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts a PyTorch checkpoint (.pt, .pth) to safetensors for `h3k27m import-weights`.

Run by hand, apart from Orthanc, in an environment of its own with torch and numpy:

    python3 convert-checkpoint.py checkpoint.pt weights.safetensors

The checkpoint is read with weights_only=True, so no code that it may hold is run; a file that needs more is refused.
A state dict inside a dictionary ("state_dict", "model", "net") is found, and the prefix "module." of DataParallel removed.
"""
import argparse
import json
import struct
import sys

import torch

TYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
         torch.bool: "BOOL"}


def find_state_dict(content):
    for key in ("state_dict", "model", "net"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not content or not all(isinstance(v, torch.Tensor) for v in content.values()):
        sys.exit("The checkpoint holds no state dict: names with tensors were expected")
    return {name.removeprefix("module."): tensor for name, tensor in content.items()}


def to_bytes(tensor):
    tensor = tensor.detach().cpu().contiguous().reshape(-1)
    return tensor.view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("output")
    arguments = parser.parse_args()
    state = find_state_dict(torch.load(arguments.checkpoint, map_location="cpu", weights_only=True))

    header, blobs, offset = {}, [], 0
    for name in sorted(state):
        if state[name].dtype not in TYPES:
            sys.exit(f"The tensor {name} has the type {state[name].dtype}, which safetensors does not know")
        blob = to_bytes(state[name])
        header[name] = {"dtype": TYPES[state[name].dtype], "shape": list(state[name].shape),
                        "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(arguments.output, "xb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(blobs)
    print(f"{len(state)} tensors, {offset} bytes")


if __name__ == "__main__":
    main()
