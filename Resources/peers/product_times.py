# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the convolutions and matrix products of a forward pass take alone: the roof under which all else is added.

Each is timed by itself, on inputs of its shape, in the fastest of the ways that PyTorch has for it (oneDNN with the filters
brought into its own order beforehand, oneDNN channels-last, as installed); their sum is what a network would take whose norms,
activations, pooling, concatenations and copies were free. Arithmetic that needs fewer products may stay below it.
"""

import copy
from collections import Counter

import torch
from torch import nn
from torch.utils import mkldnn

from genotype_net import HEADS, SelfAttention

LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def ways(layer, image):
    """Calls that compute the same layer: as installed, channels-last, and in oneDNN's own order where it has one."""
    yield lambda: layer(image)
    if image.dim() == 4:
        last, image_last = copy.deepcopy(layer).to(memory_format=torch.channels_last), image.to(memory_format=torch.channels_last)
        yield lambda: last(image_last)
    if not isinstance(layer, nn.ConvTranspose2d):
        own, own_image = mkldnn.to_mkldnn(copy.deepcopy(layer)), image.to_mkldnn()
        yield lambda: own(own_image)


def attention_products(tokens):
    """The two products of an attention over [N, tokens, features], as the BLAS computes them."""
    count, length, features = tokens
    query, key, value = torch.randn(3, count * HEADS, length, features // HEADS)
    weights = torch.randn(count * HEADS, length, length)
    yield lambda: (torch.bmm(query, key.transpose(1, 2)), torch.bmm(weights, value))


def flop(layer, image, result):
    """Additions and multiplications of a layer."""
    if isinstance(layer, nn.ConvTranspose2d):
        return 2 * image.numel() * layer.weight[0].numel()
    return 2 * result.numel() * layer.weight[0].numel()


def find_products(network, image):
    """{what it is: (how often, one of its layers or None, shape of its input)} of one forward pass; and its operations."""
    count, example, operations = Counter(), {}, []

    def note(module, inputs, result):
        shape = tuple(inputs[0].shape)
        if isinstance(module, SelfAttention):
            key = ("attention", shape)
            operations.append(4 * shape[0] * shape[1] ** 2 * shape[2])
        else:
            key = (type(module).__name__, tuple(module.weight.shape), getattr(module, "stride", None), shape)
            operations.append(flop(module, inputs[0], result))
        count[key] += 1
        example[key] = (None if isinstance(module, SelfAttention) else module, shape)

    hooks = [module.register_forward_hook(note) for module in network.modules()
             if isinstance(module, (*LAYERS, SelfAttention))]
    with torch.no_grad():
        network(image)
    for hook in hooks:
        hook.remove()
    return {key: (count[key], *example[key]) for key in count}, sum(operations)


def time_products(network, image, seconds_of):
    """ms per slice of all of them in the fastest way each, and their operations; seconds_of(call) measures."""
    products, operations = find_products(network.eval(), image)
    total = 0
    with torch.no_grad():
        for often, layer, shape in products.values():
            calls = attention_products(shape) if layer is None else ways(layer, torch.randn(shape))
            total += often * min(seconds_of(call) for call in calls)
    return {"ms_per_slice": 1000 * total / len(image), "gflop_per_slice": operations / len(image) / 1e9}
