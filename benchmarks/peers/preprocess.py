"""Times MONAI's preprocessing of one CT: read, orient, scale, crop to the lungs, resize.

Usage: preprocess.py IMAGE MASK X,Y,Z WARMUP REPEATS THREADS [OUTPUT]
Prints the seconds of every timed repetition as JSON. With OUTPUT the result is written there as
little-endian float32, first axis fastest, to be compared with.
"""

import json
import sys
import time

import torch
from monai.data import NibabelReader
from monai.transforms import (
    Compose,
    CropForegroundd,
    LoadImaged,
    Resized,
    ScaleIntensityRanged,
)


def recipe(shape: tuple[int, ...], low: float, high: float) -> Compose:
    """The recipe mmar: the intensity is scaled, then the box of the mask is cropped."""
    both = ["image", "mask"]
    reader = NibabelReader(as_closest_canonical=True)
    return Compose(
        [
            LoadImaged(both, reader=reader, ensure_channel_first=True),
            ScaleIntensityRanged("image", low, high, 0, 1, clip=True),
            CropForegroundd("image", source_key="mask", margin=5, allow_smaller=True),
            Resized("image", shape, mode="area"),
        ]
    )


def main() -> None:
    image, mask, shape, *numbers = sys.argv[1:7]
    warmup, repeats, threads = map(int, numbers)
    torch.set_num_threads(threads)
    pipeline = recipe(tuple(map(int, shape.split(","))), -1000, 500)
    seconds = []
    for i in range(warmup + repeats):
        start = time.perf_counter()
        result = pipeline({"image": image, "mask": mask})["image"]
        if i >= warmup:
            seconds.append(time.perf_counter() - start)
    if len(sys.argv) > 7:
        result.numpy()[0].astype("<f4").ravel(order="F").tofile(sys.argv[7])
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
