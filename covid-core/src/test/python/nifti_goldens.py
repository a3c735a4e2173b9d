"""Writes NIfTI files and what nibabel reads in them.

    nifti_goldens.py golden OUT.json          small table for src/test/resources
    nifti_goldens.py files FOLDER [FILE ...]  files of every type and orientation into FOLDER, and a
                                              table of these and of the given files on standard output
    nifti_goldens.py orientations N           axis codes of N random matrices on standard output

In the table a file's voxels are float32, little endian, first axis fastest, as SHA-256; the golden
table has them and the file itself in full (base64), so that no other file is needed. Closest
orientation: nibabel's aff2axcodes, and the voxels of as_closest_canonical.
"""

import base64
import hashlib
import itertools
import json
import pathlib
import sys
import tempfile

import nibabel
import numpy as np

TYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]


def voxels(image):
    data = np.asarray(image.get_fdata(dtype=np.float32))
    return data.reshape(data.shape[:3] if data.ndim > 3 else data.shape + (1,) * (3 - data.ndim))


def sha(data):
    return hashlib.sha256(np.asarray(data, "<f4").tobytes(order="F")).hexdigest()


def entry(path):
    image = nibabel.load(path)
    row = {"file": str(path), "shape": [int(n) for n in image.shape]}
    if any(n != 1 for n in image.shape[3:]):
        return row
    data = voxels(image)
    row["shape"] = list(data.shape)
    row["affine"] = [float(v) for v in image.affine[:3].ravel()]
    row["sha256"] = sha(data)
    row["codes"] = "".join(nibabel.aff2axcodes(image.affine))
    ras = nibabel.as_closest_canonical(nibabel.Nifti2Image(data, image.affine))
    row["ras_sha256"] = sha(ras.get_fdata(dtype=np.float32))
    row["ras_affine"] = [float(v) for v in ras.affine[:3].ravel()]
    return row


def rotation(random):
    q, _ = np.linalg.qr(random.standard_normal((3, 3)))
    return q


def stored(dtype, shape, random):
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return (1000 * random.standard_normal(shape)).astype(kind)
    info = np.iinfo(kind)
    data = random.integers(info.min, info.max, shape, kind, endpoint=True)
    data.flat[:2] = info.min, info.max
    return data


def write(path, data, random, *, version, order, scaling=None, form="sform", rotate=None):
    """The header's fields are set one by one: nibabel's own writer would choose scaling itself."""
    pair = not path.name.endswith((".nii", ".nii.gz"))
    cls = {
        (1, False): nibabel.Nifti1Image,
        (2, False): nibabel.Nifti2Image,
        (1, True): nibabel.Nifti1Pair,
        (2, True): nibabel.Nifti2Pair,
    }[version, pair]
    header = cls.header_class(endianness=order)
    header.set_data_dtype(data.dtype.newbyteorder(order))
    affine = np.eye(4)
    turn = rotation(random) if rotate is None else rotate
    affine[:3, :3] = turn @ np.diag(random.uniform(0.5, 5, 3))
    affine[:3, 3] = random.uniform(-300, 300, 3)
    image = cls(data, affine if form != "none" else None, header)
    image.header.set_data_dtype(data.dtype.newbyteorder(order))
    if form == "qform":
        image.set_qform(affine, 1)
        image.set_sform(None, 0)
    elif form == "none":
        image.set_qform(None, 0)
        image.set_sform(None, 0)
        image.header["pixdim"][1:4] = random.uniform(0.5, 5, 3)
    else:
        shear = affine.copy()
        shear[:3, :3] += random.uniform(-0.2, 0.2, (3, 3))
        image.set_qform(affine, 1)
        image.set_sform(shear, 2)
    if scaling:
        image.header.set_slope_inter(*scaling)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"extension"))
    # Raw voxels, so that scl_slope says what it says and is not divided out.
    image.to_filename(path)
    if scaling:
        patch_scaling(path, image, scaling)


def patch_scaling(path, image, scaling):
    header_path = image.file_map["header" if "header" in image.file_map else "image"].filename
    raw = nibabel.openers.Opener(header_path, "rb").read()
    endian = image.header.endianness
    if isinstance(image.header, nibabel.Nifti2Header):
        at, kind = 176, endian + "f8"
    else:
        at, kind = 112, endian + "f4"
    value = np.array(scaling, kind).tobytes()
    with nibabel.openers.Opener(header_path, "wb") as out:
        out.write(raw[:at] + value + raw[at + len(value) :])


def generate(folder, full):
    random = np.random.default_rng(20)
    paths = []

    def add(name, data, **how):
        path = folder / name
        write(path, data, random, **how)
        paths.append(path)

    shape = (4, 3, 2)
    for dtype, version, order in itertools.product(TYPES, (1, 2), "<>"):
        if not full and (version == 1) == (order == ">"):
            continue
        name = f"{dtype}-v{version}-{'le' if order == '<' else 'be'}"
        add(f"{name}.nii.gz", stored(dtype, shape, random), version=version, order=order)
        if full:
            scaling = (float(random.uniform(0.01, 3)), float(random.uniform(-2000, 2000)))
            for form in ("qform", "none"):
                add(
                    f"{name}-{form}.nii",
                    stored(dtype, (5, 7, 3), random),
                    version=version,
                    order=order,
                    scaling=scaling,
                    form=form,
                )
            add(
                f"{name}-pair.img" + (".gz" if order == "<" else ""),
                stored(dtype, shape, random),
                version=version,
                order=order,
                scaling=(2.0, -100.0),
            )
    for n, (permutation, signs) in enumerate(
        itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3))
    ):
        if full or n % 7 == 0:
            turn = np.eye(3)[:, permutation] * signs
            if n % 2:
                turn = turn @ np.linalg.qr(np.eye(3) + 0.2 * random.standard_normal((3, 3)))[0]
            form = ("sform", "qform")[n % 3 == 0]
            data = stored("i2", (3, 4, 5), random)
            add(f"axes{n}.nii", data, version=1, order="<", form=form, rotate=turn)
    for n in range(200 if full else 3):
        add(f"oblique{n}.nii", stored("u1", (2, 3, 4), random), version=2, order="<")
    return paths


def main(mode, *rest):
    if mode == "orientations":
        random = np.random.default_rng(21)
        rows = []
        for _ in range(int(rest[0])):
            affine = np.eye(4)
            affine[:3] = random.standard_normal((3, 4)) * random.uniform(0.1, 5, (1, 4))
            codes = "".join(nibabel.aff2axcodes(affine))
            rows.append({"affine": [float(v) for v in affine[:3].ravel()], "codes": codes})
        json.dump(rows, sys.stdout)
        return
    if mode == "files":
        folder = pathlib.Path(rest[0])
        rows = [entry(p) for p in generate(folder, True)]
        rows += [entry(pathlib.Path(p)) for p in rest[1:]]
        json.dump({"nibabel": nibabel.__version__, "files": rows}, sys.stdout)
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for path in generate(pathlib.Path(folder), False):
            row = entry(path)
            row["file"] = path.name
            row["content"] = base64.b64encode(path.read_bytes()).decode()
            row["voxels"] = [float(v) for v in voxels(nibabel.load(path)).ravel(order="F")]
            rows.append(row)
    table = {"nibabel": nibabel.__version__, "numpy": np.__version__, "files": rows}
    pathlib.Path(rest[0]).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
