"""Makes the goldens of org.covidmmar.transform with MONAI.

usage: transform_goldens.py TARGET.json (src/test/resources/org/covidmmar/transform/goldens.json)

Each case names our deterministic steps and what MONAI makes of the small sample of Samples.java
by them. Those under "drawn" come out of MONAI's own random transforms, by the parameters that
these drew.
"""

import json
import platform
import sys
import warnings

import monai
import monai.transforms as mt
import numpy as np
import torch
from transform_peer import answer, apply, tensor

SHAPE = (9, 8, 7)
LPS = [[-0.8, 0, 0, 50], [0, -0.8, 0, 60], [0, 0, 2.5, -70], [0, 0, 0, 1]]
# Axes swapped, one reversed, a little oblique.
OBLIQUE = [[0.1, 0.05, 2.4, 1], [-0.9, 0.02, 0.1, 2], [0.03, 0.7, 0.0, 3], [0, 0, 0, 1]]


def sample(affine):
    i, j, k = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    hu = (i * 37 + j * 101 + k * 53 + i * j * 11 + j * k * 7 + i * i * k) % 1797 - 1100
    inside = (i >= 2) & (i < SHAPE[0] - 1) & (j >= 1) & (j < SHAPE[1] - 3) & (k >= 3)
    mask = inside & ((i + j + k) % 3 != 0)
    return tensor(hu.astype("float32"), affine), tensor(mask.astype("float32"), affine)


def step(name, **args):
    return {"name": name, **args}


UNIT = step("ScaleIntensityRange", aMin=-1100, aMax=700, bMin=0, bMax=1, clip=True)
RANGE = step("ScaleIntensityRange", aMin=-1000, aMax=500, bMin=0, bMax=1, clip=True)


def crop(margin, smaller=True, k=1):
    return step("CropForeground", margin=margin, allowSmaller=smaller, kDivisible=k)


def resize(shape, mode="area"):
    return step("Resize", shape=shape, mode=mode)


FIXED = [
    [step("Orient")],
    [RANGE],
    [step("ScaleIntensityRange", aMin=-1000, aMax=500, bMin=-1, bMax=2.5, clip=False)],
    [crop(0)],
    [crop(1)],
    [crop(5)],
    [crop(5, smaller=False)],
    [crop(1, k=4)],
    [crop(2, smaller=False, k=5)],
    [UNIT, resize([5, 5, 5])],
    [UNIT, resize([12, 3, 7])],
    [UNIT, resize([18, 17, 13])],
    [UNIT, resize([5, 5, 5], "trilinear")],
    [UNIT, resize([12, 3, 7], "trilinear")],
    [UNIT, resize([18, 17, 1], "trilinear")],
    [UNIT, step("Spacing", mm=[1.1, 1.03, 1.3])],
    [UNIT, step("Spacing", mm=[0.53, 2.1, 3.1])],
    [step("MaskImage")],
    [step("Flip", axes=[0])],
    [step("Flip", axes=[1, 2])],
    *([step("Rotate90", k=k, axes=axes)] for k in (1, 2, 3) for axes in ([0, 1], [2, 0])),
    [UNIT, step("Rotate", angles=[0.3, -0.2, 0.5])],
    [UNIT, step("Rotate", angles=[0, 0, 2.5])],
    [UNIT, step("Zoom", factors=[0.8, 1.2, 1])],
    [UNIT, step("Zoom", factors=[1.3, 0.7, 0.55])],
    [UNIT, step("AdjustContrast", gamma=0.5)],
    [UNIT, step("AdjustContrast", gamma=4.5)],
    [step("AdjustContrast", gamma=1.7)],
    [UNIT, step("ShiftIntensity", offset=-0.2)],
    [UNIT, step("ScaleIntensity", factor=-0.1)],
    [UNIT, step("AffineWarp", rotate=[0.2, 0.1, -0.4], shear=[0.1, -0.2, 0.05, 0.1, 0, -0.1],
                translate=[1.5, -2, 0.5], scale=[1.1, 0.8, 1.2])],
    [UNIT, step("AffineWarp", rotate=[0, 0, 0], shear=[0] * 6, translate=[11, -9, 20], scale=[1, 1, 1])],
    [step("Orient"), RANGE, crop(5), resize([8, 6, 4])],
    [step("Orient"), crop(1), resize([8, 6, 4], "trilinear"), RANGE],
]


def drawn(seed):
    """MONAI's random transforms, each with the deterministic step of what it drew."""
    rotate = mt.RandRotate(0.4, 0.3, 0.2, prob=1)
    rotate90 = mt.RandRotate90(prob=1)
    zoom = mt.RandZoom(prob=1, min_zoom=(0.8,) * 3, max_zoom=(1.2,) * 3)
    contrast = mt.RandAdjustContrast(prob=1)
    shift = mt.RandShiftIntensity(0.3, prob=1)
    scale = mt.RandScaleIntensity(0.1, prob=1)
    affine = mt.RandAffine(
        prob=1, rotate_range=(0.2, 0.3, 0.4), shear_range=(0.1,) * 6,
        translate_range=(2, 1, 1), scale_range=(0.2, 0.1, 0.3),
    )
    flip = mt.RandFlip(prob=1, spatial_axis=[0, 2])
    grid = affine.rand_affine_grid
    numbers = lambda values: [float(v) for v in values]
    return [
        (rotate, lambda: step("Rotate", angles=numbers([rotate.x, rotate.y, rotate.z]))),
        (rotate90, lambda: step("Rotate90", k=int(rotate90._rand_k), axes=[0, 1])),
        (zoom, lambda: step("Zoom", factors=numbers(zoom._zoom))),
        (contrast, lambda: step("AdjustContrast", gamma=float(contrast.gamma_value))),
        (shift, lambda: step("ShiftIntensity", offset=float(shift._offset))),
        (scale, lambda: step("ScaleIntensity", factor=float(scale.factor))),
        (affine, lambda: step("AffineWarp", rotate=numbers(grid.rotate_params), shear=numbers(grid.shear_params),
                              translate=numbers(grid.translate_params), scale=numbers(grid.scale_params))),
        (flip, lambda: step("Flip", axes=[0, 2])),
    ]


def main(target):
    cases = []
    for steps in FIXED:
        for affine in (LPS, OBLIQUE) if steps[0]["name"] == "Orient" else (LPS,):
            image, mask = sample(affine)
            for s in steps:
                image, mask = apply(s, image, mask)
            cases.append({"source": np.ravel(affine[:3]).tolist(), "steps": steps, **answer(image, mask)})
    for seed in (0, 1):
        for transform, recorded in drawn(seed):
            image, mask = sample(LPS)
            image, mask = apply(UNIT, image, mask)
            transform.set_random_state(seed)
            image = transform(image)
            _, mask = apply(recorded(), mask, mask)
            cases.append({"source": np.ravel(LPS[:3]).tolist(), "steps": [UNIT, recorded()], **answer(image, mask)})
    versions = {
        "python": platform.python_version(), "monai": monai.__version__,
        "torch": torch.__version__, "numpy": np.__version__,
    }
    with open(target, "w", encoding="utf-8") as out:
        lines = ",\n".join(json.dumps(case) for case in cases)
        out.write(f'{{"versions": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1])
