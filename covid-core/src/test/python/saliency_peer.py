"""MONAI's saliency maps of both classes, class 0 first.

    saliency_peer.py gradcam IN OUT X,Y,Z            at class_layers.relu: raw, and as MONAI normalises them
    saliency_peer.py occlusion IN OUT X,Y,Z WINDOW OVERLAP    probabilities under a Gaussian window of size X,Y,Z

With the weights of IN, of model_goldens.py's first image.
"""

import sys

import torch
from model_goldens import images, network
from monai.visualize import GradCAM, OcclusionSensitivity
from safetensors.torch import load_file, save_file


def numbers(text):
    return [int(n) for n in text.split(",")]


def stored(maps):
    """A volume's first axis runs fastest."""
    return maps.permute(0, 3, 2, 1).contiguous()


def gradcam(net, image):
    def both(**options):
        cam = GradCAM(nn_module=net, target_layers="class_layers.relu", **options)
        return stored(torch.stack([torch.as_tensor(cam(image, class_idx=c))[0, 0] for c in (0, 1)]))

    return {"raw": both(postprocessing=lambda x: x), "normalised": both()}


def occlusion(net, image, window, overlap):
    # With activate=True MONAI takes the sigmoid of each logit where the image has one channel.
    sensitivity = OcclusionSensitivity(
        net, mask_size=numbers(window), overlap=float(overlap), verbose=False, activate=lambda x: x.softmax(1)
    )
    with torch.no_grad():
        maps = sensitivity(image)[0].as_tensor()[0]
        return {"occlusion": stored(maps), "unoccluded": net(image).softmax(1)[0]}


def main():
    what, weights, out, shape, *options = sys.argv[1:]
    net = network("densenet121")
    net.load_state_dict(load_file(weights), strict=True)
    net.eval()
    image = images("image", 1, numbers(shape))
    save_file((gradcam if what == "gradcam" else occlusion)(net, image, *options), out)


main()
