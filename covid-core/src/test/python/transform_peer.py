"""What MONAI makes of the samples of a request, for the tests of org.covidmmar.transform.

usage: transform_peer.py REQUEST.json ANSWER.json

A request is a list of cases {"steps": [...], "shape": [x, y, z], "affine": [12 numbers],
"image": base64 of float32, "mask": base64 of float32}, voxels with x fastest; the answer is a
list of {"shape", "affine", "image", "mask"}.
"""

import base64
import json
import sys
import warnings

import monai.transforms as mt
import numpy as np
import torch
from monai.data import MetaTensor


def pack(array):
    return base64.b64encode(np.asarray(array, "<f4").flatten(order="F").tobytes()).decode()


def unpack(text, shape):
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape, order="F").copy()


def tensor(array, affine):
    return MetaTensor(torch.as_tensor(array)[None], affine=torch.as_tensor(affine, dtype=torch.float64))



def apply(step, image, mask):
    """One step, given as its JSON, to image and mask."""
    args = {k: v for k, v in step.items() if k != "name"}
    name = step["name"]
    if name == "Identity":
        return image, mask
    if name == "Orient":
        t = mt.Orientation("RAS")
        return t(image), t(mask)
    if name == "Spacing":
        return mt.Spacing(args["mm"])(image), mt.Spacing(args["mm"], mode="nearest")(mask)
    if name == "ScaleIntensityRange":
        t = mt.ScaleIntensityRange(args["aMin"], args["aMax"], args["bMin"], args["bMax"], args["clip"])
        return t(image), mask
    if name == "CropForeground":
        t = mt.CropForeground(
            margin=args["margin"], allow_smaller=args["allowSmaller"], k_divisible=args["kDivisible"]
        )
        start, end = t.compute_bounding_box(mask)
        return t.crop_pad(image, start, end), t.crop_pad(mask, start, end)
    if name == "Resize":
        corners = {"align_corners": False} if args["mode"] == "trilinear" else {}
        t = mt.Resize(args["shape"], mode=args["mode"], anti_aliasing=False, **corners)
        return t(image), mt.Resize(args["shape"], mode="nearest")(mask)
    if name == "MaskImage":
        return mt.MaskIntensity(mask)(image), mask
    if name == "Flip":
        t = mt.Flip(args["axes"])
        return t(image), t(mask)
    if name == "Rotate90":
        t = mt.Rotate90(args["k"], tuple(args["axes"]))
        return t(image), t(mask)
    if name == "Rotate":
        return mt.Rotate(args["angles"])(image), mt.Rotate(args["angles"], mode="nearest")(mask)
    if name == "Zoom":
        t = mt.Zoom(args["factors"], mode="area", padding_mode="edge", keep_size=True)
        return t(image), mt.Zoom(args["factors"], mode="nearest", padding_mode="edge", keep_size=True)(mask)
    if name == "AdjustContrast":
        return mt.AdjustContrast(args["gamma"])(image), mask
    if name == "ShiftIntensity":
        return mt.ShiftIntensity(args["offset"])(image), mask
    if name == "ScaleIntensity":
        return mt.ScaleIntensity(minv=None, maxv=None, factor=args["factor"])(image), mask
    if name == "AffineWarp":
        def warp(mode):
            return mt.Affine(
                rotate_params=args["rotate"],
                shear_params=args["shear"],
                translate_params=args["translate"],
                scale_params=args["scale"],
                mode=mode,
                padding_mode="reflection",
                image_only=True,
            )
        return warp("bilinear")(image), warp("nearest")(mask)
    raise SystemExit(f"no such step: {name}")


def answer(image, mask):
    affine = np.asarray(image.affine, float)[:3].flatten().tolist()
    return {"shape": list(image.shape[1:]), "affine": affine, "image": pack(image[0]), "mask": pack(mask[0])}


def run(case):
    affine = np.vstack([np.reshape(case["affine"], (3, 4)), [0, 0, 0, 1]])
    image = tensor(unpack(case["image"], case["shape"]), affine)
    mask = tensor(unpack(case["mask"], case["shape"]), affine)
    for step in case["steps"]:
        image, mask = apply(step, image, mask)
    return answer(image, mask)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with open(sys.argv[1], encoding="utf-8") as request:
        cases = json.load(request)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump([run(case) for case in cases], out)
