"""The AUC that MONAI's DenseNet121 has with weights trained here, behind MONAI's own transforms.

    evaluate.py model.safetensors DATASET.JSON LIST X,Y,Z LOW,HIGH

Images and masks are relative to the dataset's folder; LOW and HIGH are the intensities that become 0 and 1.
"""

import json
import sys
from pathlib import Path

import torch
from monai.networks.nets import DenseNet121
from monai.transforms import (
    Compose,
    CropForegroundd,
    EnsureChannelFirstd,
    LoadImaged,
    Orientationd,
    Resized,
    ScaleIntensityRanged,
)
from safetensors.torch import load_file
from sklearn.metrics import roc_auc_score

weights, dataset, name, shape, intensities = sys.argv[1:]
low, high = map(float, intensities.split(","))
both = ["image", "mask"]
transforms = Compose(
    [
        LoadImaged(both),
        EnsureChannelFirstd(both),
        Orientationd(both, "RAS"),
        ScaleIntensityRanged(["image"], low, high, 0, 1, clip=True),
        CropForegroundd(both, "mask", margin=5, allow_smaller=True),
        Resized(["image"], tuple(map(int, shape.split(","))), mode="area"),
    ]
)
network = DenseNet121(spatial_dims=3, in_channels=1, out_channels=2)
network.load_state_dict(load_file(weights), strict=True)
network.eval()

root = Path(dataset).parent
labels, scores = [], []
with torch.inference_mode():
    for entry in json.loads(Path(dataset).read_text())[name]:
        case = transforms({"image": root / entry["image"], "mask": root / entry["label_image"]})
        image = case["image"].as_tensor()[None].float()
        scores.append(float(network(image).softmax(1)[0, 1]))
        labels.append(entry["label"][0])
print("AUC", roc_auc_score(labels, scores))
