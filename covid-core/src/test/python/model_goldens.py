"""The network, its training step and its optimizers, computed by MONAI and PyTorch.

    model_goldens.py goldens FILE           makes src/test/resources/model_goldens.json
    model_goldens.py parity NAME IN OUT CASES X,Y,Z train|eval    one pass with the weights of IN
    model_goldens.py steps IN COUNT CASES X,Y,Z     losses of so many Adam steps with the weights of IN
    model_goldens.py names NAME             names and shapes of the state dict
    model_goldens.py time train|eval X,Y,Z COUNT    seconds of each step or forward pass, channels-last

Weights and images follow a formula, so that no big file needs to be kept.
"""

import json
import resource
import sys
import time
import zlib

import monai
import numpy as np
import torch
from monai.networks.nets import DenseNet121, DenseNet169, DenseNet201, DenseNet264
from safetensors.torch import load_file, save_file

NETWORKS = {
    "densenet121": DenseNet121,
    "densenet169": DenseNet169,
    "densenet201": DenseNet201,
    "densenet264": DenseNet264,
}
# As many as in Formula.java: another number adds in another order.
THREADS = 2
METRICS = [0.5, 0.6, 0.6, 0.59, 0.55, 0.6005, 0.7, 0.69, 0.68, 0.67, 0.66, 0.65]


def formula(name, size):
    """Numbers in [-1, 1) that follow from a name: splitmix64 of the index, seeded by the name's CRC-32."""
    with np.errstate(over="ignore"):
        z = np.arange(1, size + 1, dtype=np.uint64) + (np.uint64(zlib.crc32(name.encode())) << np.uint64(32))
        z = z * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def network(name):
    return NETWORKS[name](spatial_dims=3, in_channels=1, out_channels=2)


def formula_state(net):
    state = {}
    for name, tensor in net.state_dict().items():
        shape = tuple(tensor.shape)
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(0)
            continue
        u = formula(name, tensor.numel())
        if len(shape) == 5:
            u = u * np.sqrt(6 * shape[0] / tensor.numel())
        elif len(shape) == 2:
            u = u / np.sqrt(shape[1])
        elif name.endswith("running_var") or name.endswith("weight"):
            u = 1 + 0.2 * u
        else:
            u = 0.1 * u
        state[name] = torch.from_numpy(u.astype(np.float32).reshape(shape))
    return state


def images(name, cases, shape):
    """Image (i, j, k) is value i + x * (j + y * k) of the formula: a volume's first axis runs fastest."""
    x, y, z = shape
    stored = np.stack([formula(f"{name}{c}", x * y * z).astype(np.float32).reshape(z, y, x) for c in range(cases)])
    return torch.from_numpy(np.ascontiguousarray(stored.transpose(0, 3, 2, 1)))[:, None]


def scenes(name, cases, shape):
    """As images, three quarters of each value shared by its cube of 8 voxels: cases differ in more than noise."""
    x, y, z = shape
    stored = []
    for c in range(cases):
        coarse = formula(f"{name}{c} coarse", (x // 8) * (y // 8) * (z // 8)).reshape(z // 8, y // 8, x // 8)
        coarse = coarse.repeat(8, 0).repeat(8, 1).repeat(8, 2)
        fine = formula(f"{name}{c}", x * y * z).reshape(z, y, x)
        stored.append((0.75 * coarse + 0.25 * fine).astype(np.float32))
    return torch.from_numpy(np.ascontiguousarray(np.stack(stored).transpose(0, 3, 2, 1)))[:, None]


def labels(cases):
    return torch.tensor([c % 2 for c in range(cases)])


def loss_function():
    return torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.5]))


def training_pass(net, cases, shape):
    net.train()
    logits = net(images("image", cases, shape))
    loss = loss_function()(logits, labels(cases))
    loss.backward()
    return logits, loss


def optimizer_trace(make):
    """A vector of 5 after each of 8 steps, with gradients of many sizes."""
    w = torch.nn.Parameter(torch.from_numpy(formula("vector", 5).astype(np.float32)))
    optimizer = make([w])
    trace = []
    for step in range(8):
        g = formula(f"gradient{step}", 5) * np.array([1, 1e-2, 1e-4, 1e-6, 10])
        w.grad = torch.from_numpy(g.astype(np.float32))
        optimizer.step()
        trace.append([float(v) for v in w.detach()])
    return trace


def schedule(make, epochs=12):
    w = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([w], lr=0.5)
    scheduler = make(optimizer, epochs)
    rates = []
    for epoch in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            scheduler.step(METRICS[epoch])
        else:
            scheduler.step()
    return rates


def goldens(file):
    shape, cases = (64, 64, 64), 2
    net = network("densenet121")
    net.load_state_dict(formula_state(net))
    net.eval()
    with torch.no_grad():
        evaluated = net(images("image", cases, shape))
    logits, loss = training_pass(net, cases, shape)
    norms = {n: float(p.grad.double().norm()) for n, p in net.named_parameters()}
    state = {n: t for n, t in net.state_dict().items() if "running_" in n}
    lr = torch.optim.lr_scheduler
    result = {
        "madeBy": f"model_goldens.py with MONAI {monai.__version__}, PyTorch {torch.__version__}",
        "shape": shape,
        "cases": cases,
        "evaluated": evaluated.flatten().tolist(),
        "logits": logits.flatten().tolist(),
        "loss": float(loss),
        "gradientNorms": norms,
        "statistics": {n: float(t.double().mean()) for n, t in state.items()},
        "optimizers": {
            "adam": optimizer_trace(lambda p: torch.optim.Adam(p, lr=0.01)),
            "adamDecay": optimizer_trace(lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.999), weight_decay=0.1)),
            "adamw": optimizer_trace(lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1)),
            "sgd": optimizer_trace(lambda p: torch.optim.SGD(p, lr=0.01)),
            "sgdMomentum": optimizer_trace(lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1)),
        },
        "policies": {
            "constant": [0.5] * 12,
            "cosine(min=0.01)": schedule(lambda o, n: lr.CosineAnnealingLR(o, T_max=n, eta_min=0.01)),
            "poly(power=0.9)": schedule(lambda o, n: lr.PolynomialLR(o, total_iters=n, power=0.9)),
            "step(size=5,gamma=0.3)": schedule(lambda o, n: lr.StepLR(o, step_size=5, gamma=0.3)),
            "plateau(factor=0.2,patience=1,threshold=0.001,min=0.01)": schedule(
                lambda o, n: lr.ReduceLROnPlateau(
                    o, mode="max", factor=0.2, patience=1, threshold=0.001, threshold_mode="abs", min_lr=0.01
                )
            ),
        },
        "metrics": METRICS,
    }
    with open(file, "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")


def parity(name, weights, out, cases, shape, mode):
    net = network(name)
    net.load_state_dict(load_file(weights), strict=True)
    if mode == "eval":
        net.eval()
        with torch.no_grad():
            result = {"logits": net(images("image", cases, shape))}
    else:
        logits, loss = training_pass(net, cases, shape)
        result = {"logits": logits.detach(), "loss": loss.detach()[None]}
        result.update({"gradient." + n: p.grad.contiguous() for n, p in net.named_parameters()})
        save_file(net.state_dict(), out + ".state.safetensors")
    save_file(result, out)


def steps(weights, count, cases, shape):
    net = network("densenet121")
    net.load_state_dict(load_file(weights), strict=True)
    net.train()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-6, weight_decay=1e-5)
    losses = []
    for step in range(count):
        optimizer.zero_grad()
        loss = loss_function()(net(scenes(f"step{step}-", cases, shape)), labels(cases))
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    print(json.dumps(losses))


def names(name):
    print(json.dumps({n: list(t.shape) for n, t in network(name).state_dict().items()}))


def timing(mode, shape, count):
    net = network("densenet121").to(memory_format=torch.channels_last_3d)
    x = images("image", 1, shape).to(memory_format=torch.channels_last_3d)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-5)
    seconds = []
    for _ in range(count):
        begin = time.perf_counter()
        if mode == "train":
            net.train()
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x), labels(1)).backward()
            optimizer.step()
        else:
            net.eval()
            with torch.no_grad():
                net(x)
        seconds.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peakKilobytes": peak}))


def triple(text):
    return tuple(int(v) for v in text.split(","))


def main(args):
    torch.set_num_threads(THREADS)
    if args[0] == "goldens":
        goldens(args[1])
    elif args[0] == "parity":
        parity(args[1], args[2], args[3], int(args[4]), triple(args[5]), args[6])
    elif args[0] == "steps":
        steps(args[1], int(args[2]), int(args[3]), triple(args[4]))
    elif args[0] == "names":
        names(args[1])
    else:
        timing(args[1], triple(args[2]), int(args[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
