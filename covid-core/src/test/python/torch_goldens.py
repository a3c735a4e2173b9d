"""Files as torch.save writes them, and MONAI's network through them.

    torch_goldens.py goldens FOLDER         makes src/test/resources/torch: small files, and what is in them
    torch_goldens.py save NAME FOLDER       a network of MONAI with random weights and statistics, saved in several ways
    torch_goldens.py compare NAME PT SAFETENSORS    whether MONAI loads both strictly and has the same bytes in each tensor
"""

import json
import os
import sys
import zipfile

import monai
import torch
from monai.networks.nets import DenseNet121, DenseNet169
from safetensors.torch import load_file

NETWORKS = {"densenet121": DenseNet121, "densenet169": DenseNet169}


def values(*shape):
    """Numbers that every type here holds exactly."""
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float32) - 3).reshape(shape) / 4


def state():
    return {
        "features.conv0.weight": values(3, 2, 2, 2, 2),
        "features.norm0.weight": values(3),
        "features.norm0.num_batches_tracked": torch.tensor(5),
    }


def strided():
    base = values(4, 6)
    return {
        "channels_last": values(3, 2, 2, 2, 2).to(memory_format=torch.channels_last_3d),
        "transposed": base.t(),
        "columns": base[:, 2:4],
        "row": base[1],
        "again": base[1, 3:],
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(0.5),
    }


def typed():
    wide = torch.tensor([0.1, -1.5, 1e-40, 3e38], dtype=torch.float64)
    half = torch.tensor([1, -2, 2**-24, 65504, float("inf"), float("nan"), -0.0], dtype=torch.float16)
    brain = torch.tensor([1, -3, 1e-38, 3e38, float("inf"), -0.0], dtype=torch.float32).to(torch.bfloat16)
    return {"double": wide, "half": half, "brain": brain, "long": torch.tensor(2**40)}


def trained():
    """A network with an optimizer, a schedule and figures beside its state, as training scripts save it."""
    net = torch.nn.Linear(2, 2)
    net.load_state_dict({"weight": values(2, 2), "bias": values(2)})
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4])
    net(values(1, 2)).sum().backward()
    optimizer.step()
    schedule.step()
    net.load_state_dict({"weight": values(2, 2), "bias": values(2)})
    return {
        "epoch": 3,
        "seed": 2**64 - 1,
        "best": 0.75,
        "name": "\u00e4",
        "done": False,
        "type": torch.float32,
        "device": torch.device("cpu"),
        "size": torch.Size([2, 2]),
        "state_dict": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": schedule.state_dict(),
    }


def big_endian(file, tensors):
    """As PyTorch writes on a machine of the other byte order."""
    torch.save(tensors, file)
    with zipfile.ZipFile(file) as read:
        entries = {name: read.read(name) for name in read.namelist()}
    sizes = {t.untyped_storage().nbytes(): t.element_size() for t in tensors.values()}
    with zipfile.ZipFile(file, "w") as write:
        for name, data in entries.items():
            if name.endswith("/byteorder"):
                data = b"big"
            if "/data/" in name:
                size = sizes[len(data)]
                data = b"".join(data[i : i + size][::-1] for i in range(0, len(data), size))
            write.writestr(zipfile.ZipInfo(name), data)


def described(tensors):
    return {
        name: {
            "type": str(t.dtype).split(".")[1],
            "shape": list(t.shape),
            "values": [str(float(v)) for v in t.to(torch.float32).flatten()],
        }
        for name, t in tensors.items()
    }


class Doubled(torch.nn.Module):
    def forward(self, x):
        return 2 * x


def goldens(folder):
    os.makedirs(folder, exist_ok=True)
    at = lambda name: os.path.join(folder, name)
    expected = {}

    def save(name, content, tensors, **options):
        torch.save(content, at(name), **options)
        expected[name] = described(tensors)

    save("plain.pt", state(), state())
    save("strided.pt", strided(), strided())
    save("typed.pth", typed(), typed())
    parallel = torch.nn.DataParallel(torch.nn.BatchNorm3d(2))
    save("parallel.pt", parallel.state_dict(), parallel.module.state_dict())
    save("nested.pt", {"model": {"state_dict": {"net." + k: v for k, v in state().items()}}}, state())
    parameters = {"weight": torch.nn.Parameter(values(2, 2))}
    save("parameter.pt", parameters, {"weight": values(2, 2)})
    save("trained.pt", trained(), {"weight": values(2, 2), "bias": values(2)})
    big_endian(at("big-endian.pt"), state())
    expected["big-endian.pt"] = described(state())
    torch.serialization.set_crc32_options(False)
    save("no-checksums.pt", state(), state())
    torch.serialization.set_crc32_options(True)

    torch.save(state(), at("legacy.pt"), _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(1, 1), at("whole.pt"))
    torch.save(state(), at("protocol-4.pt"), pickle_protocol=4)
    torch.jit.save(torch.jit.script(Doubled()), at("script.pt"))
    with open(at("expected.json"), "w") as out:
        made_by = f"torch_goldens.py with MONAI {monai.__version__}, PyTorch {torch.__version__}"
        json.dump({"madeBy": made_by, "files": expected}, out, indent=1)
        out.write("\n")


def save(name, folder):
    torch.manual_seed(0)
    net = NETWORKS[name](spatial_dims=3, in_channels=1, out_channels=2)
    for key, tensor in net.state_dict().items():
        if key.endswith("num_batches_tracked"):
            tensor.fill_(7)
        elif tensor.ndim == 1:
            tensor.copy_(torch.rand(tensor.shape) + 0.5)
    at = lambda file: os.path.join(folder, file)
    torch.save(net.state_dict(), at("plain.pt"))
    torch.save({"model": torch.nn.DataParallel(net).state_dict(), "epoch": 1}, at("parallel.pt"))
    torch.save(net.to(memory_format=torch.channels_last_3d).state_dict(), at("channels-last.pth"))


def compare(name, pt, ours):
    net = NETWORKS[name](spatial_dims=3, in_channels=1, out_channels=2)
    theirs = torch.load(pt, weights_only=True)
    theirs = {k.removeprefix("module."): v for k, v in theirs.get("model", theirs).items()}
    loaded = load_file(ours)
    net.load_state_dict(theirs, strict=True)
    net.load_state_dict(loaded, strict=True)
    bits = lambda t: t.contiguous().numpy().tobytes()
    wrong = [k for k, v in theirs.items() if v.dtype != loaded[k].dtype or bits(v) != bits(loaded[k])]
    print(json.dumps({"tensors": len(loaded), "different": wrong}))


def main(args):
    if args[0] == "goldens":
        goldens(args[1])
    elif args[0] == "save":
        save(args[1], args[2])
    else:
        compare(args[1], args[2], args[3])


if __name__ == "__main__":
    main(sys.argv[1:])
