"""Makes the networks of NetworkSegmenterTest, each a few hundred bytes.

    pip install onnx==1.23.2 numpy
    python segmentation_goldens.py ../resources/org/covidmmar/segmentation

threshold.onnx  any size, two channels: 0 and 10 * (0.4 - x), so that what is below -700 HU is lung
logits.onnx     any size, one channel: the same logits
window.onnx     as threshold.onnx, windows of 64, 48, 16 voxels alone
mean.onnx       as window.onnx, each output of the mean of its window: tells how windows are laid
two-inputs.onnx, rank.onnx, channels.onnx, int.onnx, shrinks.onnx   what is refused
"""

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

ANY = [1, 1, "x", "y", "z"]


def convolution(weights, biases):
    w = np.array(weights, np.float32).reshape(len(weights), 1, 1, 1, 1)
    return [
        numpy_helper.from_array(w, "w"),
        numpy_helper.from_array(np.array(biases, np.float32), "b"),
    ]


def save(folder, name, nodes, initializers, shape, out, kind=TensorProto.FLOAT, more=()):
    inputs = [helper.make_tensor_value_info("ct", kind, shape)]
    inputs += [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in more]
    outputs = [helper.make_tensor_value_info("lungs", kind, out)]
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    conv = [helper.make_node("Conv", ["ct", "w", "b"], ["lungs"])]
    two = convolution([0, -10], [0, 4])
    save(folder, "threshold", conv, two, ANY, [1, 2, "x", "y", "z"])
    save(folder, "logits", conv, convolution([-10], [4]), ANY, ANY)
    save(folder, "window", conv, two, [1, 1, 64, 48, 16], [1, 2, 64, 48, 16])
    mean = [
        helper.make_node("ReduceMean", ["ct"], ["m"], axes=[2, 3, 4], keepdims=1),
        helper.make_node("Mul", ["ct", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "m"], ["filled"]),
        helper.make_node("Conv", ["filled", "w", "b"], ["lungs"]),
    ]
    zero = numpy_helper.from_array(np.zeros((1,), np.float32), "zero")
    save(folder, "mean", mean, two + [zero], [1, 1, 64, 48, 16], [1, 2, 64, 48, 16])

    add = [helper.make_node("Add", ["ct", "other"], ["lungs"])]
    save(folder, "two-inputs", add, [], ANY, ANY, more=["other"])
    flat = [helper.make_node("Identity", ["ct"], ["lungs"])]
    save(folder, "rank", flat, [], [1, 1, "x", "y"], [1, 1, "x", "y"])
    save(folder, "channels", flat, [], [1, 3, "x", "y", "z"], [1, 3, "x", "y", "z"])
    save(folder, "int", flat, [], ANY, ANY, kind=TensorProto.INT32)
    pool = [helper.make_node("MaxPool", ["ct"], ["lungs"], kernel_shape=[2, 2, 2], strides=[2, 2, 2])]
    save(folder, "shrinks", pool, [], ANY, [1, 1, "a", "b", "c"])


if __name__ == "__main__":
    main()
