"""What is compared. A method takes a clip's path and size and gives RGB frames."""
import cv2
import numpy as np

import media


def ours(program, *options):
    def run(path, width, height):
        command = [program, "enhance", path, "-o", "-", "--format", "nut", "--codec", "rawvideo", "--quiet", *options]
        return media.through(command, width, height)

    return run


def filters(chain):
    """FFmpeg's filters, in the pixel format that they choose."""
    def run(path, width, height):
        command = ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-vf", chain, "-vsync", "0", *media.LOSSLESS, "-"]
        return media.through(command, width, height)

    return run


def each(function):
    """A function of one RGB frame."""
    def run(path, width, height):
        frames = filters("null")(path, width, height)
        return np.stack([function(frame) for frame in frames])

    return run


def clahe(frame):
    """Contrast-limited equalisation of lightness: limit 3, 8x8 tiles, as most examples have it."""
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(3, (8, 8)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


GAMMA = np.rint(255 * (np.arange(256) / 255) ** 0.4).astype(np.uint8)


# Measured on every night; the others on the one that the document's first table is about.
ESSENTIAL = (
    "the night itself",
    "natural (default)",
    "natural, --denoise off",
    "faithful",
    "authors' weights, faithful",
    "ffmpeg hqdn3d,eq=gamma=2.5",
    "gamma 0.4",
)


def methods(program, authors=None):
    """All methods by name; with the authors' weights, if their file is given."""
    table = {
        "the night itself": filters("null"),
        "natural (default)": ours(program),
        "natural, --denoise off": ours(program, "--denoise", "off"),
        "natural, --denoise 0.5": ours(program, "--denoise", "0.5"),
        "natural, --strength 0.8": ours(program, "--strength", "0.8"),
        "natural, --strength 1.2": ours(program, "--strength", "1.2"),
        "natural, --reuse off": ours(program, "--reuse", "off"),
        "strong": ours(program, "--look", "strong"),
        "faithful": ours(program, "--look", "faithful"),
    }
    if authors:
        table |= {
            "authors' weights, faithful": ours(program, "--look", "faithful", "--reuse", "off", "--weights", authors),
            "authors' weights, natural": ours(program, "--weights", authors),
        }
    return table | {
        "ffmpeg eq=gamma=2.5": filters("eq=gamma=2.5"),
        "ffmpeg hqdn3d,eq=gamma=2.5": filters("hqdn3d,eq=gamma=2.5"),
        "ffmpeg normalize=smoothing=25": filters("normalize=smoothing=25"),
        "ffmpeg histeq": filters("histeq"),
        "OpenCV CLAHE": each(clahe),
        "gamma 0.4": each(lambda frame: GAMMA[frame]),
    }
