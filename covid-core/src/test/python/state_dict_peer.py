"""Whether a model.pt holds the tensors of a .safetensors file, in the order and types of MONAI's state dict.

usage: state_dict_peer.py BUNDLE WEIGHTS.safetensors

Loads BUNDLE/models/model.pt by the bundle's own configuration, strictly, and compares bit by bit.
"""

import sys
from pathlib import Path

import torch
from monai.bundle import ConfigParser
from safetensors.torch import load_file


def main(bundle, weights):
    parser = ConfigParser()
    parser.read_config(str(bundle / "configs" / "inference.json"))
    network = parser.get_parsed_content("network_def")
    loaded = torch.load(bundle / "models" / "model.pt", weights_only=True)
    if list(loaded) != list(network.state_dict()):
        sys.exit("not the names of MONAI's state dict, or not their order")
    network.load_state_dict(loaded, strict=True)
    expected = load_file(weights)
    for name, tensor in network.state_dict().items():
        if tensor.dtype != expected[name].dtype or not torch.equal(tensor, expected[name]):
            sys.exit(f"{name} differs")
    print(len(loaded))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
