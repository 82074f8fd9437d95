"""The two peers in Python, each a program of its own: the network in memory, and a pipeline from file to file.

  torch_peers.py network WIDTH HEIGHT FRAMES WEIGHTS     prints frames per second of the network, two threads
  torch_peers.py pipeline IN OUT WEIGHTS                 OpenCV decodes, PyTorch enhances, ffmpeg encodes
"""
import subprocess
import sys
import time

import torch

from network import ZeroDCEPlusPlus, load

torch.set_num_threads(2)
torch.set_grad_enabled(False)


def network(width, height, frames, weights):
    model = load(ZeroDCEPlusPlus(), weights)
    # Several pictures, so that none stays in the caches, as in our own benchmark.
    pictures = [torch.rand(1, 3, int(height), int(width)) * 0.3 for _ in range(8)]
    for picture in pictures[:3]:
        model(picture)
    start = time.monotonic()
    for index in range(int(frames)):
        model(pictures[index % len(pictures)])
    print(int(frames) / (time.monotonic() - start))


def pipeline(source, target, weights):
    import cv2

    model = load(ZeroDCEPlusPlus(), weights)
    video = cv2.VideoCapture(source)
    width, height = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    encoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r",
         str(video.get(cv2.CAP_PROP_FPS)), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt",
         "yuv420p", target], stdin=subprocess.PIPE)
    while True:
        there, frame = video.read()
        if not there:
            break
        picture = torch.from_numpy(frame).permute(2, 0, 1)[None].flip(1).float() / 255
        result = (model(picture).clamp(0, 1) * 255).round().byte().flip(1)[0].permute(1, 2, 0).contiguous()
        encoder.stdin.write(result.numpy().tobytes())
    encoder.stdin.close()
    sys.exit(encoder.wait())


{"network": network, "pipeline": pipeline}[sys.argv[1]](*sys.argv[2:])
