"""Clean clips, which are the truth, and what happens to them at night."""
import csv
from pathlib import Path

import cv2
import numpy as np

import media

COUNT = 40
ROOT = Path(__file__).parents[2]
FOOTAGE = ROOT / "samples/footage"
PHOTOS = ROOT / "samples/photos"

# Name: file, first frame. The licences of vtest and city allow their pictures in the document.
VIDEOS = {
    "carphone": ("carphone.mp4", 0),
    "bikes": ("bikes.mp4", 30),
    "vtest": ("vtest.avi", 10),
    "city": ("city.mpg", 100),
}
# Name: photograph, and how it is set in motion.
STILLS = {
    "pan": ("picosdeeuropa_by_Aitzol_Berasategi", "pan"),
    "passing": ("life_by_Aitzol_Berasategi", "passing"),
}


def names():
    """The clips that are there: photographs only where samples/get-photos.sh has run."""
    return list(VIDEOS) + (list(STILLS) if (PHOTOS / "ATTRIBUTION.tsv").exists() else [])


def truth(name):
    """The clean frames of a clip: (n, height, width, 3) uint8 RGB, sides even."""
    if name in STILLS:
        photograph, motion = STILLS[name]
        return set_in_motion(photo(photograph), motion)
    file, skip = VIDEOS[name]
    path = str(FOOTAGE / file)
    width, height = (side // 2 * 2 for side in media.size(path))
    return media.frames(path, width, height, COUNT, skip)


def photo(part):
    """The photograph whose source contains `part`, 1200 pixels wide, RGB."""
    with open(PHOTOS / "ATTRIBUTION.tsv", newline="", encoding="utf-8") as file:
        name = next(row["photo"] for row in csv.DictReader(file, delimiter="\t") if part in row["file"])
    picture = cv2.imread(str(PHOTOS / name))
    height = round(1200 * picture.shape[0] / picture.shape[1])
    return cv2.resize(picture, (1200, height), interpolation=cv2.INTER_AREA)[..., ::-1].copy()


def set_in_motion(picture, motion, width=640, height=480):
    """A camera that moves over a picture, or a still one that a disc of another part of the picture passes by."""
    result = np.empty((COUNT, height, width, 3), np.uint8)
    for index in range(COUNT):
        # Steps of fractions of a pixel: whole ones would be easier than real motion.
        x, y = (100 + 3.3 * index, 60 + 0.7 * index) if motion == "pan" else (100, 60)
        shift = np.float32([[1, 0, -x], [0, 1, -y]])
        frame = cv2.warpAffine(picture, shift, (width, height), flags=cv2.INTER_CUBIC)
        if motion == "passing":
            at = 40 + 13.7 * index
            shift = np.float32([[1, 0, at - 800], [0, 1, -200]])
            other = cv2.warpAffine(picture, shift, (width, height), flags=cv2.INTER_CUBIC)
            disc = np.zeros((height, width), np.float32)
            cv2.circle(disc, (round(at * 16), 240 * 16), 70 * 16, 1, -1, cv2.LINE_AA, 4)
            disc = cv2.GaussianBlur(disc, (5, 5), 0)[..., None]
            frame = np.rint(other * disc + frame * (1 - disc)).astype(np.uint8)
        result[index] = frame
    return result


def to_light(codes):
    """sRGB's transfer function, 0...1 both."""
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def to_codes(light):
    """The inverse of `to_light`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def darken(pictures, stops, seed=1, shot=0.001, read=0.002):
    """What a camera sees with 1/2^stops of the light.

    Noise of variance shot * light + read² in linear light (1 is white), then 8 bits. The same seed: the same noise.
    """
    random = np.random.default_rng(seed)
    table = to_light(np.arange(256, dtype=np.float32) / 255).astype(np.float32) / 2**stops
    result = np.empty_like(pictures)
    for index, picture in enumerate(pictures):
        light = table[picture]
        light = light + random.standard_normal(light.shape, np.float32) * np.sqrt(shot * light + read**2)
        result[index] = np.rint(to_codes(np.clip(light, 0, 1)) * 255)
    return result
