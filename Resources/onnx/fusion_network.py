# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's co-trained network with its fusion head (Inference/Network) as an ONNX graph."""

import math

HEADS = 8
LAYERS = 2
NORM_EPSILON = 1e-6      # of the transformers
DECODER_EPSILON = 1e-3   # of the decoder's batch norms; the others have 1e-5
LEAK = 0.01


class FusionNetwork:
    """Adds the network to a Graph. size: side of the image in pixels, a multiple of 16."""

    def __init__(self, graph, size):
        self.g = graph
        self.size = size

    def build(self, image):
        """image [N, 3, size, size] -> (logits of the genotype [N, 2], logits of the segmentation [N, 3, size, size])"""
        quarter, eighth, sixteenth = self._encode(image)
        eighth = self.g.add("Concat", self._upsample(sixteenth, "decoder.up1"), eighth, axis=1)
        merged = self._bottleneck(eighth, "decoder.conv1")
        quarter = self.g.add("Concat", self._upsample(merged, "decoder.up2"), quarter, axis=1)
        masks = self._leaky(self._norm(self._double(self._bottleneck(quarter, "decoder.conv2"), "decoder.logistic1"), "decoder.bn",
                                       DECODER_EPSILON))
        return self._classify(quarter, eighth, sixteenth), self._double(masks, "decoder.logistic2")

    # Layers

    def _conv(self, x, name, stride=1):
        side = self.g.weights[f"{name}.weight"].shape[-1]
        bias = [self.g.weight(f"{name}.bias")] if self.g.has(f"{name}.bias") else []
        return self.g.add("Conv", x, self.g.weight(f"{name}.weight"), *bias, kernel_shape=[side, side], strides=[stride, stride],
                          pads=[side // 2] * 4)

    def _double(self, x, name):
        """A transposed convolution to twice the side."""
        return self.g.add("ConvTranspose", x, self.g.weight(f"{name}.weight"), self.g.weight(f"{name}.bias"), kernel_shape=[3, 3],
                          strides=[2, 2], pads=[1] * 4, output_padding=[1, 1])

    def _norm(self, x, name, epsilon=1e-5):
        parts = (self.g.weight(f"{name}.{part}") for part in ("weight", "bias", "running_mean", "running_var"))
        return self.g.add("BatchNormalization", x, *parts, epsilon=epsilon)

    def _relu(self, x):
        return self.g.add("Relu", x)

    def _leaky(self, x):
        return self.g.add("LeakyRelu", x, alpha=LEAK)

    def _linear(self, x, name):
        y = self.g.add("MatMul", x, self.g.weight(f"{name}.weight", transposed=True))
        return self.g.add("Add", y, self.g.weight(f"{name}.bias")) if self.g.has(f"{name}.bias") else y

    def _layer_norm(self, x, name):
        return self.g.add("LayerNormalization", x, self.g.weight(f"{name}.weight"), self.g.weight(f"{name}.bias"), axis=-1,
                          epsilon=NORM_EPSILON)

    # Encoder

    def _encode(self, image):
        x = self._relu(self._norm(self._conv(image, "model.encoder.init_layer.0", 2), "model.encoder.init_layer.1"))
        x = self.g.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        for pair in range(2):
            for block in range(2):
                x = self._block(x, f"model.encoder.layer1.{pair}.{block}")
        eighth = self._stage(x, "model.encoder.layer2")
        eighth = self._transform(eighth, "model.encoder.transformer_layers_8", self.size // 8)
        sixteenth = self._stage(eighth, "model.encoder.layer3")
        return x, eighth, self._transform(sixteenth, "model.transformer_layers_16", self.size // 16)

    def _stage(self, x, name):
        return self._block(self._block(x, f"{name}.0", 2), f"{name}.1")

    def _block(self, x, name, stride=1):
        y = self._relu(self._norm(self._conv(x, f"{name}.conv1", stride), f"{name}.bn1"))
        y = self._norm(self._conv(y, f"{name}.conv2"), f"{name}.bn2")
        if self.g.has(f"{name}.downsample.0.weight"):
            x = self._norm(self._conv(x, f"{name}.downsample.0", stride), f"{name}.downsample.1")
        return self._relu(self.g.add("Add", y, x))

    def _transform(self, x, name, side):
        features = self.g.weights[f"{name}.norm.weight"].shape[0]
        tokens = self.g.add("Transpose", self.g.add("Reshape", x, self.g.shape(0, features, side * side)), perm=[0, 2, 1])
        tokens = self.g.add("Add", tokens, self.g.weight(f"{name}.position_embedding.position_embeddings"))
        for layer in range(LAYERS):
            tokens = self._transformer_layer(tokens, f"{name}.transformer_layers.{layer}", features)
        image = self.g.add("Transpose", self._layer_norm(tokens, f"{name}.norm"), perm=[0, 2, 1])
        return self.g.add("Reshape", image, self.g.shape(0, features, side, side))

    def _transformer_layer(self, tokens, name, features):
        attended = self._attend(self._layer_norm(tokens, f"{name}.multi_head_att_norm"), f"{name}.multi_head_att", features)
        tokens = self.g.add("Add", tokens, attended)
        hidden = self.g.add("Gelu", self._linear(self._layer_norm(tokens, f"{name}.ffn_norm"), f"{name}.ffn.fc1"))
        return self.g.add("Add", tokens, self._linear(hidden, f"{name}.ffn.fc2"))

    def _attend(self, tokens, name, features):
        def split(which, perm):
            y = self.g.add("Reshape", self._linear(tokens, f"{name}.{which}_mlp"), self.g.shape(0, 0, HEADS, features // HEADS))
            return self.g.add("Transpose", y, perm=perm)

        query = self.g.add("Mul", split("q", [0, 2, 1, 3]), self.g.scalar(1 / math.sqrt(features / HEADS)))
        weights = self.g.add("Softmax", self.g.add("MatMul", query, split("k", [0, 2, 3, 1])), axis=-1)
        mixed = self.g.add("Transpose", self.g.add("MatMul", weights, split("v", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
        return self._linear(self.g.add("Reshape", mixed, self.g.shape(0, 0, features)), f"{name}.mlp")

    # Decoder

    def _upsample(self, x, name):
        return self._leaky(self._norm(self._double(x, f"{name}.conv"), f"{name}.bn", DECODER_EPSILON))

    def _bottleneck(self, x, name):
        y = self._leaky(self._norm(self._conv(x, f"{name}.conv1"), f"{name}.bn1", DECODER_EPSILON))
        y = self._norm(self._conv(y, f"{name}.conv2"), f"{name}.bn2", DECODER_EPSILON)
        return self._leaky(self.g.add("Add", y, x))

    def _weigh_channels(self, x, name):
        def squeeze(pool):
            pooled = self.g.add("Flatten", self.g.add(pool, x), axis=1)
            hidden = self._relu(self._linear(pooled, f"{name}.fc.0"))
            return self._linear(hidden, f"{name}.fc.2")

        channels = self.g.weights[f"{name}.fc.0.weight"].shape[1]
        weight = self.g.add("Sigmoid", self.g.add("Add", squeeze("GlobalAveragePool"), squeeze("GlobalMaxPool")))
        return self.g.add("Mul", x, self.g.add("Reshape", weight, self.g.shape(0, channels, 1, 1)))

    def _classify(self, quarter, eighth, sixteenth):
        third = self._conv(self._weigh_channels(quarter, "decoder.channel_attention3"), "decoder.cls_conv1_3", 2)
        x = self.g.add("Concat",
                       self._conv(self._weigh_channels(sixteenth, "decoder.channel_attention1"), "decoder.cls_conv1"),
                       self._conv(self._weigh_channels(eighth, "decoder.channel_attention2"), "decoder.cls_conv1_2", 2),
                       self._conv(third, "decoder.cls_conv1_4", 2), axis=1)
        x = self._relu(self._norm(x, "decoder.cls_bn1"))
        x = self._relu(self._norm(self._conv(x, "decoder.cls_conv2"), "decoder.cls_bn2"))
        return self._linear(self.g.add("Flatten", x, axis=1), "decoder.cls_cls")
