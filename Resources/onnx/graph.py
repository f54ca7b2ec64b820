# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ONNX graph that grows node by node; weights are taken by the names that they have in model.safetensors."""

import numpy
from onnx import TensorProto, helper, numpy_helper

OPSET = 20   # the first with Gelu
IR_VERSION = 9


class Graph:
    def __init__(self, weights):
        self.weights = weights
        self.nodes, self.initializers, self.names = [], {}, set()

    def add(self, operator, *inputs, **attributes):
        """A node with one output; returns the output's name."""
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def weight(self, name, transposed=False):
        """The model's tensor as float32; the matrix of a linear layer is stored [outputs, inputs]."""
        key = f"{name}.transposed" if transposed else name
        value = self.weights[name].astype(numpy.float32)
        return self._initializer(key, value.T.copy() if transposed else value)

    def has(self, name):
        return name in self.weights

    def shape(self, *sizes):
        """Of a Reshape: 0 keeps an axis as it is."""
        return self._initializer("shape_" + "_".join(map(str, sizes)), numpy.array(sizes, numpy.int64))

    def scalar(self, value):
        return self._initializer(f"scalar_{value!r}", numpy.float32(value))

    def _initializer(self, name, value):
        self.initializers.setdefault(name, numpy_helper.from_array(numpy.asarray(value), name))
        return name

    def finish(self, name, inputs, outputs, metadata):
        """inputs, outputs: {name: shape}; outputs are names of what add() returned, renamed."""
        def describe(values):
            return [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, (_, shape) in values.items()]

        for key, (source, _) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [source], [key]))
        graph = helper.make_graph(self.nodes, name, describe(inputs), describe(outputs), list(self.initializers.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="orthanc-h3k27m")
        model.ir_version = IR_VERSION
        helper.set_model_props(model, metadata)
        return model
