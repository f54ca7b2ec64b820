#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times PyTorch's network and training step, as a Python user runs them: the engine's peer.

    pytorch_network.py [--device cpu|cuda] [--threads N] [--check FOLDER]

Prints one JSON object: ms per slice of the forward pass and seconds per training step, the median of --repeat. Give the
engine the same threads and allocator and run the two in turns: Resources/bench.sh --peer does. On a CPU there is also what the
convolutions and matrix products of the forward pass take alone (product_times.py), and, when asked for, torch.compile.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent))
from genotype_net import GenotypeNet
from product_times import time_products


def median_seconds(step, repeats, device):
    times = []
    for i in range(repeats + 3):
        begin = time.perf_counter()
        step()
        if device == "cuda":
            torch.cuda.synchronize()
        if i >= 3:
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def region_loss(classes, masks, label, mask, has_class):
    """Training/Objectives/RegionLoss.h."""
    each = F.cross_entropy(classes, label, reduction="none")
    total = (each * has_class).sum() / has_class.sum().clamp_min(1)
    log_probability = torch.log_softmax(masks, 1)
    log_tumour = torch.logsumexp(log_probability[:, 1:], 1)
    tumour = (mask != 0).to(masks.dtype)
    p = log_tumour.exp()
    both = (p * tumour).sum()
    iou = 1 - (both + 1) / (p.sum() + tumour.sum() - both + 1)
    entropy = -(tumour * log_tumour + (1 - tumour) * log_probability[:, 0]).mean()
    right = log_probability.gather(1, mask.unsqueeze(1)).squeeze(1)
    genotype = (tumour * (log_tumour - right)).sum() / tumour.sum().clamp_min(1)
    return total + iou + entropy + genotype


def time_inference(network, arguments, batch, dtype, layout, is_compiled=False):
    network = network.eval().to(device=arguments.device, dtype=dtype, memory_format=layout)
    if is_compiled:
        network = torch.compile(network)
    image = torch.randn(batch, 3, arguments.size, arguments.size, device=arguments.device, dtype=dtype)
    image = image.to(memory_format=layout)
    with torch.inference_mode():
        seconds = median_seconds(lambda: network(image), arguments.repeat, arguments.device)
    return 1000 * seconds / batch


def time_training(arguments, batch, mixed):
    network = GenotypeNet(arguments.size).to(device=arguments.device, memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.01)
    device = arguments.device
    image = torch.randn(batch, 3, arguments.size, arguments.size, device=device)
    image = image.to(memory_format=torch.channels_last)
    label = torch.arange(batch, device=device) % 2
    mask = torch.zeros(batch, arguments.size, arguments.size, dtype=torch.int64, device=device)
    mask[:, 100:140, 90:150] = 1
    mask *= (label + 1)[:, None, None]
    has_class = torch.ones(batch, device=device)

    def step():
        with torch.autocast(device, torch.bfloat16, enabled=mixed):
            classes, masks = network(image)
        loss = region_loss(classes.float(), masks.float(), label, mask, has_class)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimizer.step()
        loss.item()

    return median_seconds(step, max(3, arguments.repeat // 2), device)


def parity_input():
    """The input of the parity tensors, [2, 3, 256, 256], by its formula."""
    b, c = torch.arange(2).view(2, 1, 1, 1), torch.arange(3).view(1, 3, 1, 1)
    y, x = torch.arange(256).view(1, 1, 256, 1), torch.arange(256).view(1, 1, 1, 256)
    head = (x - 128) ** 2 * 120 ** 2 + (y - 128) ** 2 * 100 ** 2 <= 100 ** 2 * 120 ** 2
    disc = (x - 120 - 8 * b) ** 2 + (y - 112 - 14 * b) ** 2 <= (34 + 6 * b) ** 2
    v = (37 * b + (3 + 2 * c) * x + (5 + b) * y + ((x * y) >> (4 + c))) % 256
    pixels = torch.where(head, torch.where(disc, 255 - v // 4, v // 2), 0)
    return ((pixels.double() / 255 - 0.154) / 0.202).float()


def check(folder):
    """That this is the same network: parity's weights give parity's answers."""
    from safetensors.torch import load_file

    folder = Path(folder)
    network = GenotypeNet()
    weights = {**load_file(folder / "weights_shared.safetensors"), **load_file(folder / "head_fusion.safetensors")}
    network.load_state_dict(weights)
    expected = load_file(folder / "expected_fusion.safetensors")
    with torch.inference_mode():
        classes, masks = network.eval()(parity_input())
    grid = [*range(0, 253, 7), 255]
    return {"cls_logits": float((classes - expected["cls_logits"]).abs().max()),
            "seg_grid": float((masks[:, :, grid][..., grid] - expected["seg_grid"]).abs().max())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--check", help="folder of parity tensors")
    parser.add_argument("--what", default="inference,training", help="what is timed: inference, compiled, products, training")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    result = {"torch": torch.__version__, "device": arguments.device, "threads": torch.get_num_threads()}
    if arguments.check:
        result["largest_difference"] = check(arguments.check)
    is_gpu = arguments.device == "cuda"
    if "inference" in arguments.what:
        cases = ([(32, torch.bfloat16, torch.channels_last), (128, torch.bfloat16, torch.channels_last),
                  (32, torch.float32, torch.channels_last)] if is_gpu
                 else [(4, torch.float32, torch.contiguous_format), (4, torch.float32, torch.channels_last)])
        result["inference"] = [
            {"batch": batch, "dtype": str(dtype).removeprefix("torch."), "layout": str(layout).removeprefix("torch."),
             "ms_per_slice": time_inference(GenotypeNet(arguments.size), arguments, batch, dtype, layout)}
            for batch, dtype, layout in cases]
    if "compiled" in arguments.what:
        result["compiled_ms_per_slice"] = time_inference(GenotypeNet(arguments.size), arguments, 4, torch.float32,
                                                         torch.channels_last, is_compiled=True)
    if "products" in arguments.what:
        result["products"] = time_products(GenotypeNet(arguments.size), torch.randn(4, 3, arguments.size, arguments.size),
                                           lambda step: median_seconds(step, arguments.repeat, "cpu"))
    if "training" in arguments.what:
        cases = [(8, False), (8, True), (32, True)] if is_gpu else [(8, False)]
        result["training"] = [{"batch": batch, "mixed": mixed, "seconds": time_training(arguments, batch, mixed)}
                              for batch, mixed in cases]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
