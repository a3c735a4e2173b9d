"""Times MONAI's DenseNet121 in channels-last: a training step or a forward pass.

Usage: network.py step|forward X,Y,Z BATCH WARMUP REPEATS THREADS
Prints the seconds of every timed repetition as JSON.
"""

import json
import sys
import time

import torch
from monai.networks.nets import DenseNet121


def main() -> None:
    what, shape, *numbers = sys.argv[1:]
    batch, warmup, repeats, threads = map(int, numbers)
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    layout = torch.channels_last_3d
    network = DenseNet121(spatial_dims=3, in_channels=1, out_channels=2).to(memory_format=layout)
    image = torch.rand(batch, 1, *map(int, shape.split(","))).to(memory_format=layout)
    label = torch.arange(batch) % 2
    if what == "forward":
        network.eval()

        def run() -> None:
            with torch.inference_mode():
                network(image).softmax(1).tolist()

    else:
        network.train()
        loss = torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(network.parameters(), 1e-4, weight_decay=1e-5, fused=True)

        def run() -> None:
            optimizer.zero_grad()
            value = loss(network(image), label)
            value.backward()
            optimizer.step()
            value.item()

    seconds = []
    for i in range(warmup + repeats):
        start = time.perf_counter()
        run()
        if i >= warmup:
            seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
