"""MONAI's GradCAM of the COVID logit at class_layers.relu, not normalised.

    saliency_peer.py IN OUT X,Y,Z    with the weights of IN, of model_goldens.py's first image
"""

import sys

import torch
from model_goldens import images, network
from monai.visualize import GradCAM
from safetensors.torch import load_file, save_file


def main():
    weights, out, shape = sys.argv[1:]
    net = network("densenet121")
    net.load_state_dict(load_file(weights), strict=True)
    net.eval()
    image = images("image", 1, [int(n) for n in shape.split(",")])
    cam = GradCAM(nn_module=net, target_layers="class_layers.relu", postprocessing=lambda x: x)
    saliency = torch.as_tensor(cam(image, class_idx=1))[0, 0]
    # A volume's first axis runs fastest.
    save_file({"saliency": saliency.permute(2, 1, 0).contiguous()}, out)


main()
