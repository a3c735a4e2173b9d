"""Makes the inputs of the comparison out of real data.

Usage: inputs.py DATA OUTPUT
DATA holds ct/covid (a DICOM series) and adrenal (images with a dataset.json). Writes OUTPUT/ct.nii.gz
and lungs.nii.gz, and OUTPUT/dataset.json with 96 training and 16 validation cases of adrenal. What
is there already stays.
"""

import json
import sys
from pathlib import Path

import nibabel
import numpy
import pydicom
from scipy import ndimage


def scan(folder: Path) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A series as HU (x, y, z) and the affine that takes its indices to RAS+ mm."""
    slices = [pydicom.dcmread(f) for f in sorted(folder.rglob("*")) if f.is_file()]
    row, column = numpy.split(numpy.array(slices[0].ImageOrientationPatient, float), 2)
    normal = numpy.cross(row, column)
    slices.sort(key=lambda s: normal @ numpy.array(s.ImagePositionPatient, float))
    first, last = (numpy.array(s.ImagePositionPatient, float) for s in (slices[0], slices[-1]))
    down, across = map(float, slices[0].PixelSpacing)
    lps = numpy.eye(4)
    lps[:3, 0], lps[:3, 1] = row * across, column * down
    lps[:3, 2], lps[:3, 3] = (last - first) / (len(slices) - 1), first
    hu = [s.pixel_array * float(s.RescaleSlope) + float(s.RescaleIntercept) for s in slices]
    voxels = numpy.stack(hu, axis=-1).astype(numpy.int16).transpose(1, 0, 2)
    return voxels, numpy.diag([-1, -1, 1, 1]) @ lps


def lungs(hu: numpy.ndarray) -> numpy.ndarray:
    """Air inside the body: the two largest components that touch no side of a slice."""
    labels, count = ndimage.label(hu < -400)
    sides = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    outside = numpy.unique(numpy.concatenate([side.ravel() for side in sides]))
    sizes = numpy.bincount(labels.ravel(), minlength=count + 1)
    sizes[outside] = 0
    sizes[0] = 0
    largest = [c for c in numpy.argsort(sizes)[-2:] if sizes[c] > 0]
    return numpy.isin(labels, largest).astype(numpy.uint8)


def main() -> None:
    data, output = map(Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    image, mask = output / "ct.nii.gz", output / "lungs.nii.gz"
    if (data / "ct/covid").is_dir() and not mask.exists():
        voxels, affine = scan(data / "ct/covid")
        nibabel.save(nibabel.Nifti1Image(voxels, affine), image)
        nibabel.save(nibabel.Nifti1Image(lungs(voxels), affine), mask)
    adrenal = data / "adrenal/dataset.json"
    if adrenal.exists():
        lists = json.loads(adrenal.read_text())
        chosen = {"label_format": lists["label_format"]}
        for name, count in (("training", 96), ("validation", 16)):
            chosen[name] = [
                {
                    **case,
                    "image": str(adrenal.parent.resolve() / case["image"]),
                    "label_image": str(adrenal.parent.resolve() / case["label_image"]),
                }
                for case in lists[name][:count]
            ]
        (output / "dataset.json").write_text(json.dumps(chosen, indent=1))


if __name__ == "__main__":
    main()
