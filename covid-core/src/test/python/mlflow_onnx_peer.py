"""Loads models from an MLflow server as users of MLflow do, and applies them to one input.

mlflow_onnx_peer.py SERVER INPUT X,Y,Z URI [URI ...]
INPUT: float32, cases one after the other, x fastest. Prints as JSON, by URI, the probabilities by mlflow.pyfunc and by
ONNX Runtime on what mlflow.onnx gives, the signature, and the packages that the model asks for.
"""
import hashlib
import json
import sys

import mlflow
import numpy as np
import onnxruntime



def file_of(uri):
    with open(mlflow.artifacts.download_artifacts(uri + "/model.onnx"), "rb") as downloaded:
        return downloaded.read()


server, file, shape, *uris = sys.argv[1:]
mlflow.set_tracking_uri(server)
x, y, z = map(int, shape.split(","))
image = np.fromfile(file, "<f4").reshape(-1, 1, z, y, x).transpose(0, 1, 4, 3, 2)
answers = {}
for uri in uris:
    model = mlflow.pyfunc.load_model(uri)
    onnx = mlflow.onnx.load_model(uri)
    session = onnxruntime.InferenceSession(onnx.SerializeToString(), providers=["CPUExecutionProvider"])
    with open(mlflow.pyfunc.get_model_dependencies(uri)) as requirements:
        packages = requirements.read().split()
    answers[uri] = {
        "pyfunc": model.predict(image)["probabilities"].ravel().tolist(),
        "onnx": session.run(["probabilities"], {"image": image})[0].ravel().tolist(),
        "input": list(model.metadata.signature.inputs.inputs[0].shape),
        "outputs": model.metadata.signature.outputs.input_names(),
        "packages": packages,
        "sha256": hashlib.sha256(file_of(uri)).hexdigest(),
        "metadata": sorted(p.key for p in onnx.metadata_props),
    }
    # One of another shape is refused by the signature.
    try:
        model.predict(image[:, :, 1:])
        answers[uri]["otherShape"] = "taken"
    except mlflow.exceptions.MlflowException:
        answers[uri]["otherShape"] = "refused"
print(json.dumps(answers))
