"""Real CT through the recipes in MONAI, for RecipesRealCtTest.

usage: recipe_peer.py DATA FOLDER X,Y,Z

DATA holds DICOM series (ct/covid, ct/normal, ct/lung-small) and NIfTI with masks (lungs). Writes
each case's image.nii.gz and mask.nii.gz under FOLDER, and what both recipes make of it as raw
float32, x fastest. Prints a list of {"case", "mmar", "naturecomm": seconds} as JSON.
"""

import json
import shutil
import sys
import time
import warnings
from pathlib import Path

import nibabel
import numpy
from monai.transforms import (
    Compose,
    CropForegroundd,
    LoadImaged,
    Orientationd,
    Resized,
    ScaleIntensityRanged,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "benchmarks" / "peers"))
from inputs import lungs, scan  # noqa: E402


def recipes(shape):
    both = ["image", "mask"]
    load = [LoadImaged(both, ensure_channel_first=True), Orientationd(both, axcodes="RAS")]
    scale = ScaleIntensityRanged("image", -1000, 500, 0, 1, clip=True)
    crop = CropForegroundd("image", source_key="mask", margin=5, allow_smaller=True)
    resize = Resized("image", shape, mode="area")
    return {
        "mmar": Compose([*load, scale, crop, resize]),
        "naturecomm": Compose([*load, crop, resize, scale]),
    }


def write(folder, voxels, mask, affine):
    nibabel.save(nibabel.Nifti1Image(voxels, affine), folder / "image.nii.gz")
    nibabel.save(nibabel.Nifti1Image(mask, affine), folder / "mask.nii.gz")


def cases(data, output):
    for name in ("covid", "normal", "lung-small"):
        folder = output / f"ct-{name}"
        folder.mkdir()
        voxels, affine = scan(data / "ct" / name)
        write(folder, voxels, lungs(voxels), affine)
        yield folder
    for name in ("id001", "id002"):
        folder = output / name
        folder.mkdir()
        shutil.copy(data / "lungs" / f"{name}-128x128x64.nii.gz", folder / "image.nii.gz")
        mask = nibabel.load(data / "lungs" / f"{name}-128x128x64-msk.nii.gz")
        binary = (mask.get_fdata() > 127).astype(numpy.uint8)
        nibabel.save(nibabel.Nifti1Image(binary, mask.affine), folder / "mask.nii.gz")
        yield folder


def main():
    data, output, shape = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    pipelines = recipes(tuple(map(int, shape.split(","))))
    answers = []
    for folder in cases(data, output):
        answer = {"case": folder.name}
        case = {"image": str(folder / "image.nii.gz"), "mask": str(folder / "mask.nii.gz")}
        for name, pipeline in pipelines.items():
            start = time.perf_counter()
            image = pipeline(case)["image"]
            answer[name] = time.perf_counter() - start
            image.numpy()[0].astype("<f4").ravel(order="F").tofile(folder / f"{name}.raw")
        answers.append(answer)
    print(json.dumps(answers))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
