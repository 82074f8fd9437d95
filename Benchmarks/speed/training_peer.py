#!/usr/bin/env python3
"""The steps of `zdce-video train` in PyTorch, to compare the time that they take.

Zero-DCE++ as arXiv 2103.00860 has it, the four losses, backward pass, clipping of the gradient's norm and Adam, on
batches of random pictures, which cost nothing to make. Needs the PyPI package torch. See docs/performance.md.

usage: training_peer.py [--steps N] [--batch N] [--crop N] [--threads N] [--channels-last] [--compile]
"""
import argparse
import time

import torch
from torch import nn
from torch.nn import functional as F

from network import ZeroDCEPlusPlus, apply

# Differences of a patch to its left, right, upper and lower neighbour.
NEIGHBOURS = torch.zeros(4, 1, 3, 3)
NEIGHBOURS[:, 0, 1, 1] = 1
for direction, (y, x) in enumerate([(1, 0), (1, 2), (0, 1), (2, 1)]):
    NEIGHBOURS[direction, 0, y, x] = -1


def spatial(before, after, patch=4):
    change = F.avg_pool2d((after - before).mean(1, keepdim=True), patch)
    return F.conv2d(change, NEIGHBOURS, padding=1).square().sum(1).mean()


def exposure(after, level=0.56, patch=4):
    return (F.avg_pool2d(after.mean(1, keepdim=True), patch) - level).square().mean()


def colour(after):
    red, green, blue = after.mean((2, 3)).unbind(1)
    sum = (red - green) ** 4 + (red - blue) ** 4 + (green - blue) ** 4
    return (sum + 1e-20).sqrt().mean()


def smoothness(maps):
    down = (maps[:, :, 1:] - maps[:, :, :-1]).square().sum((1, 2, 3)) / ((maps.shape[2] - 1) * maps.shape[3])
    across = (maps[:, :, :, 1:] - maps[:, :, :, :-1]).square().sum((1, 2, 3)) / (maps.shape[2] * (maps.shape[3] - 1))
    return 2 * (down + across).mean()


def total(network, pictures):
    maps = network.curve(pictures)
    after = apply(pictures, maps)
    return (
        0.25 * spatial(pictures, after) + 10 * exposure(after) + 2.5 * colour(after) + 1120 * smoothness(maps)
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    network = ZeroDCEPlusPlus()
    pictures = torch.rand(options.batch, 3, options.crop, options.crop) * 0.2
    if options.channels_last:
        network = network.to(memory_format=torch.channels_last)
        pictures = pictures.to(memory_format=torch.channels_last)
    loss = torch.compile(total) if options.compile else total
    adam = torch.optim.Adam(network.parameters(), lr=0.003)

    def step():
        adam.zero_grad()
        value = loss(network, pictures)
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1)
        adam.step()
        return value

    for _ in range(10):
        step()
    start = time.perf_counter()
    for _ in range(options.steps):
        value = step()
    seconds = time.perf_counter() - start
    print(f"{options.steps / seconds:.1f} steps/s, loss {value.item():.4f}")


if __name__ == "__main__":
    main()
