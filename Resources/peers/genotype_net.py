# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's fusion network in PyTorch, as a Python user would write it: what the engine is measured against.

The same names of tensors as the engine's files, so both can be given the same weights. Resources/bench.sh --peer runs it.
"""

import torch
from torch import nn
from torch.nn import functional as F

HEADS = 8
LAYERS = 2
RATIO = 2
NORM_EPSILON = 1e-6


def conv(inputs, outputs, side=3, stride=1, bias=True):
    return nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=bias)


def doubling(inputs, outputs):
    return nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, 1)


def decoder_norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3)


def leaky(x):
    return F.leaky_relu(x, 0.01)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1 = conv(inputs, outputs, 3, stride, False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = conv(outputs, outputs, 3, 1, False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(conv(inputs, outputs, 1, stride, False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class SelfAttention(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.q_mlp, self.k_mlp = nn.Linear(features, features), nn.Linear(features, features)
        self.v_mlp, self.mlp = nn.Linear(features, features), nn.Linear(features, features)

    def forward(self, tokens):
        query, key, value = (layer(tokens).unflatten(-1, (HEADS, -1)).transpose(1, 2)
                             for layer in (self.q_mlp, self.k_mlp, self.v_mlp))
        return self.mlp(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(features, RATIO * features), nn.Linear(RATIO * features, features)

    def forward(self, tokens):
        return self.fc2(F.gelu(self.fc1(tokens)))


class TransformerLayer(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.multi_head_att_norm, self.ffn_norm = (nn.LayerNorm(features, eps=NORM_EPSILON) for _ in range(2))
        self.multi_head_att, self.ffn = SelfAttention(features), FeedForward(features)

    def forward(self, tokens):
        tokens = tokens + self.multi_head_att(self.multi_head_att_norm(tokens))
        return tokens + self.ffn(self.ffn_norm(tokens))


class PositionEmbedding(nn.Module):
    def __init__(self, tokens, features):
        super().__init__()
        self.position_embeddings = nn.Parameter(torch.randn(1, tokens, features) * 0.02)

    def forward(self, tokens):
        return tokens + self.position_embeddings


class Transformer(nn.Module):
    def __init__(self, tokens, features):
        super().__init__()
        self.position_embedding = PositionEmbedding(tokens, features)
        self.transformer_layers = nn.ModuleList(TransformerLayer(features) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(features, eps=NORM_EPSILON)

    def forward(self, x):
        rows, columns = x.shape[2:]
        tokens = self.position_embedding(x.flatten(2).transpose(1, 2))
        for layer in self.transformer_layers:
            tokens = layer(tokens)
        return self.norm(tokens).transpose(1, 2).unflatten(2, (rows, columns))


class Encoder(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.init_layer = nn.Sequential(conv(3, width, 7, 2, False), nn.BatchNorm2d(width))
        self.layer1 = nn.ModuleList(nn.ModuleList(BasicBlock(width, width) for _ in range(2)) for _ in range(2))
        self.layer2 = nn.Sequential(BasicBlock(width, 2 * width, 2), BasicBlock(2 * width, 2 * width))
        self.layer3 = nn.Sequential(BasicBlock(2 * width, 4 * width, 2), BasicBlock(4 * width, 4 * width))
        self.transformer_layers_8 = Transformer((size // 8) ** 2, 2 * width)

    def forward(self, image):
        x = F.max_pool2d(F.relu(self.init_layer(image)), 3, 2, 1)
        for pair in self.layer1:
            for block in pair:
                x = block(x)
        eighth = self.transformer_layers_8(self.layer2(x))
        return x, eighth, self.layer3(eighth)


class Backbone(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.encoder = Encoder(size, width)
        self.transformer_layers_16 = Transformer((size // 16) ** 2, 4 * width)

    def forward(self, image):
        quarter, eighth, sixteenth = self.encoder(image)
        return quarter, eighth, self.transformer_layers_16(sixteenth)


class Upsample(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv, self.bn = doubling(inputs, outputs), decoder_norm(outputs)

    def forward(self, x):
        return leaky(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.bn1 = conv(channels, channels // 2), decoder_norm(channels // 2)
        self.conv2, self.bn2 = conv(channels // 2, channels), decoder_norm(channels)

    def forward(self, x):
        return leaky(self.bn2(self.conv2(leaky(self.bn1(self.conv1(x))))) + x)


class ChannelAttention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        hidden = max(1, channels // 16)
        self.fc = nn.Sequential(nn.Linear(channels, hidden, False), nn.ReLU(), nn.Linear(hidden, channels, False))

    def forward(self, x):
        weight = torch.sigmoid(self.fc(x.mean((2, 3))) + self.fc(x.amax((2, 3))))
        return x * weight[..., None, None]


class Decoder(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        half = width // 2
        self.up1, self.conv1 = Upsample(4 * width, 2 * width), Bottleneck(4 * width)
        self.up2, self.conv2 = Upsample(4 * width, width), Bottleneck(2 * width)
        self.logistic1, self.bn = doubling(2 * width, half), decoder_norm(half)
        self.logistic2 = doubling(half, 3)
        self.channel_attention1, self.channel_attention2 = ChannelAttention(4 * width), ChannelAttention(4 * width)
        self.channel_attention3 = ChannelAttention(2 * width)
        self.cls_conv1, self.cls_conv1_2 = conv(4 * width, half), conv(4 * width, half, 3, 2)
        self.cls_conv1_3, self.cls_conv1_4 = conv(2 * width, half, 3, 2), conv(half, half, 3, 2)
        self.cls_bn1 = nn.BatchNorm2d(3 * half)
        self.cls_conv2, self.cls_bn2 = conv(3 * half, width // 8), nn.BatchNorm2d(width // 8)
        self.cls_cls = nn.Linear(width // 8 * (size // 16) ** 2, 2)

    def forward(self, quarter, eighth, sixteenth):
        eighth = torch.cat((self.up1(sixteenth), eighth), 1)
        quarter = torch.cat((self.up2(self.conv1(eighth)), quarter), 1)
        masks = self.logistic2(leaky(self.bn(self.logistic1(self.conv2(quarter)))))
        x = torch.cat((self.cls_conv1(self.channel_attention1(sixteenth)),
                       self.cls_conv1_2(self.channel_attention2(eighth)),
                       self.cls_conv1_4(self.cls_conv1_3(self.channel_attention3(quarter)))), 1)
        x = F.relu(self.cls_bn2(self.cls_conv2(F.relu(self.cls_bn1(x)))))
        return self.cls_cls(x.flatten(1)), masks


class GenotypeNet(nn.Module):
    """[N, 3, S, S] normalised -> logits of the genotype [N, 2] and of the segmentation [N, 3, S, S]."""

    def __init__(self, size=256, width=64):
        super().__init__()
        self.model = Backbone(size, width)
        self.decoder = Decoder(size, width)

    def forward(self, image):
        return self.decoder(*self.model(image))
