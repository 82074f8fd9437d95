"""Writes networks.safetensors beside itself: what both networks give for made-up weights, computed in float64.

Needs Python 3 and numpy only, and none of the project's code. Weights, then pixels come from one splitmix64 stream
per network, in the order of the tensors below, so that the test can make the same ones and only results are stored.
"""

import json
import pathlib
import struct

import numpy as np

WIDTH, HEIGHT = 13, 9
CHANNELS = [(3, 32), (32, 32), (32, 32), (32, 32), (64, 32), (64, 32)]


def stream(seed):
    mask = (1 << 64) - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def uniform(numbers, shape, bound):
    """Values in [-bound, bound), rounded to float32."""
    count = int(np.prod(shape))
    values = [((next(numbers) >> 11) / (1 << 53) * 2 - 1) * bound for _ in range(count)]
    return np.array(values).astype(np.float32).astype(np.float64).reshape(shape)


def windows(x):
    """The 3x3 neighbourhood of every pixel, zeros outside: (channels, 9, height, width)."""
    p = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    h, w = x.shape[1:]
    return np.stack([p[:, dy : dy + h, dx : dx + w] for dy in range(3) for dx in range(3)], 1)


def network(separable, seed):
    numbers = stream(seed)
    layers = []
    for i, o in CHANNELS + [(64, 3 if separable else 24)]:
        if separable:
            dw, db = uniform(numbers, (i, 9), 3**-0.5), uniform(numbers, (i,), 0.1)
            pw, pb = uniform(numbers, (o, i), (3 / i) ** 0.5), uniform(numbers, (o,), 0.1)
            layers.append(
                lambda x, dw=dw, db=db, pw=pw, pb=pb: np.einsum(
                    "oi,ihw->ohw", pw, np.einsum("ik,ikhw->ihw", dw, windows(x)) + db[:, None, None]
                )
                + pb[:, None, None]
            )
        else:
            w, b = uniform(numbers, (o, i, 9), (3 / (9 * i)) ** 0.5), uniform(numbers, (o,), 0.1)
            layers.append(lambda x, w=w, b=b: np.einsum("oik,ikhw->ohw", w, windows(x)) + b[:, None, None])
    pixels = np.array([next(numbers) >> 56 for _ in range(3 * HEIGHT * WIDTH)]).reshape(3, HEIGHT, WIDTH)
    x = (pixels.astype(np.float32) / np.float32(255)).astype(np.float64)

    relu = lambda a: np.maximum(a, 0)
    x1 = relu(layers[0](x))
    x2 = relu(layers[1](x1))
    x3 = relu(layers[2](x2))
    x4 = relu(layers[3](x3))
    x5 = relu(layers[4](np.concatenate([x3, x4])))
    x6 = relu(layers[5](np.concatenate([x2, x5])))
    curve = np.tanh(layers[6](np.concatenate([x1, x6])))
    for step in range(8):
        a = curve if separable else curve[3 * step : 3 * step + 3]
        x = x + a * (x * x - x)
    return curve, x


def main():
    tensors = {}
    for name, separable, seed in [("zero-dce++", True, 1), ("zero-dce", False, 2)]:
        tensors[f"{name}.curve"], tensors[f"{name}.enhanced"] = network(separable, seed)
    header, data = {}, b""
    for name, values in tensors.items():
        raw = values.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
        print(name, values.shape, "from", values.min(), "to", values.max(), "deviation", values.std())
    text = json.dumps(header).encode()
    path = pathlib.Path(__file__).with_name("networks.safetensors")
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main()
