"""Trains MONAI's DenseNet121 for one epoch as a user of MONAI would, validates, saves the weights.

Usage: epoch.py DATASET_JSON X,Y,Z BATCH THREADS OUTPUT
Paths in the dataset are relative to its folder; intensities of 0 to 255 become 0 to 1.
"""

import json
import sys
from pathlib import Path

import torch
from monai.data import CacheDataset, ThreadDataLoader
from monai.metrics import ROCAUCMetric
from monai.networks.nets import DenseNet121
from monai.transforms import Compose, RandFlipd
from monai.utils import set_determinism

from preprocess import recipe


def cases(dataset: Path, name: str) -> list[dict]:
    folder = dataset.parent
    return [
        {
            "image": str(folder / case["image"]),
            "mask": str(folder / case["label_image"]),
            "label": case["label"][0],
        }
        for case in json.loads(dataset.read_text())[name]
    ]


def main() -> None:
    dataset, shape, batch, threads, output = sys.argv[1:]
    threads = int(threads)
    torch.set_num_threads(threads)
    set_determinism(0)
    prepare = recipe(tuple(map(int, shape.split(","))), 0, 255).transforms
    flips = [RandFlipd("image", prob=0.5, spatial_axis=axis) for axis in range(3)]

    def loader(name: str, transforms: list, shuffle: bool) -> ThreadDataLoader:
        data = CacheDataset(
            cases(Path(dataset), name), Compose(transforms), num_workers=threads, progress=False
        )
        return ThreadDataLoader(data, batch_size=int(batch), shuffle=shuffle, num_workers=0)

    layout = torch.channels_last_3d
    network = DenseNet121(spatial_dims=3, in_channels=1, out_channels=2).to(memory_format=layout)
    optimizer = torch.optim.Adam(network.parameters(), 1e-4, weight_decay=1e-5, fused=True)
    loss = torch.nn.CrossEntropyLoss()

    network.train()
    losses = []
    for item in loader("training", [*prepare, *flips], True):
        optimizer.zero_grad()
        image = item["image"].as_tensor().to(memory_format=layout)
        value = loss(network(image), item["label"])
        value.backward()
        optimizer.step()
        losses.append(value.item())

    network.eval()
    auc = ROCAUCMetric()
    with torch.inference_mode():
        for item in loader("validation", prepare, False):
            image = item["image"].as_tensor().to(memory_format=layout)
            auc(network(image).softmax(1)[:, 1], item["label"])
    torch.save(network.state_dict(), output)
    print(json.dumps({"loss": sum(losses) / len(losses), "auc": auc.aggregate()}))


if __name__ == "__main__":
    main()
