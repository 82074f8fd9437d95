"""Zero-DCE++ in PyTorch, as the paper describes it: the network that ours is measured against."""
import torch
from torch import nn
from torch.nn import functional


class Separable(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.depth = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs)
        self.point = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        return self.point(self.depth(x))


class ZeroDCEPlusPlus(nn.Module):
    """Curves from a picture a twelfth of the size, applied eight times at full size."""

    def __init__(self, scale=12):
        super().__init__()
        self.scale = scale
        self.layers = nn.ModuleList(
            Separable(inputs, outputs)
            for inputs, outputs in ((3, 32), (32, 32), (32, 32), (32, 32), (64, 32), (64, 32), (64, 3)))

    def curve(self, picture):
        """The curve map of a picture at its own size, within [-1, 1]."""
        x = [picture]
        for layer in self.layers[:4]:
            x.append(torch.relu(layer(x[-1])))
        x5 = torch.relu(self.layers[4](torch.cat((x[3], x[4]), 1)))
        x6 = torch.relu(self.layers[5](torch.cat((x[2], x5), 1)))
        return torch.tanh(self.layers[6](torch.cat((x[1], x6), 1)))

    def forward(self, picture):
        small = functional.interpolate(picture, scale_factor=1 / self.scale, mode="bilinear")
        curve = functional.interpolate(self.curve(small), size=picture.shape[2:], mode="bilinear", align_corners=True)
        return apply(picture, curve)


def apply(picture, curve):
    """The curve, eight times over: x + A (x^2 - x)."""
    for _ in range(8):
        picture = picture + curve * (picture * picture - picture)
    return picture


def load(model, weights):
    """Parameters from our weights file, by name."""
    from safetensors.torch import load_file

    tensors = load_file(weights)
    with torch.no_grad():
        for index, layer in enumerate(model.layers, 1):
            for ours, theirs in ((layer.depth, "depth_conv"), (layer.point, "point_conv")):
                ours.weight.copy_(tensors[f"e_conv{index}.{theirs}.weight"])
                ours.bias.copy_(tensors[f"e_conv{index}.{theirs}.bias"])
    return model.eval()
