"""Single pictures: a still has no frames before it, and no codec has thrown its noise away."""
import subprocess
import tempfile

import cv2
import numpy as np

import clips
import scores

STOPS = 4
FRAMES = (0, 20)


def options(authors):
    """Options of the program by the name of the method."""
    table = {
        "natural (default)": [],
        "natural, --denoise off": ["--denoise", "off"],
        "faithful": ["--look", "faithful"],
    }
    return table | ({"authors' weights, faithful": ["--look", "faithful", "--weights", authors]} if authors else {})


def measure(program, authors, truth, names):
    """PSNR and SSIM by method, each the mean over two pictures of every clip."""
    pictures = [truth(name)[0][index] for name in names for index in FRAMES]
    nights = [clips.darken(picture[None], STOPS)[0] for picture in pictures]
    results = {"the night itself": nights}
    for label, arguments in options(authors).items():
        results[label] = [enhanced(program, night, arguments) for night in nights]
    return {
        label: tuple(np.mean([score(a, b) for a, b in zip(result, pictures)]) for score in (scores.psnr, scores.ssim))
        for label, result in results.items()
    }


def enhanced(program, picture, arguments):
    with tempfile.TemporaryDirectory() as folder:
        cv2.imwrite(f"{folder}/in.png", picture[..., ::-1])
        command = [program, "enhance", f"{folder}/in.png", "-o", f"{folder}/out.png", "--quiet", *arguments]
        subprocess.run(command, check=True)
        return cv2.imread(f"{folder}/out.png")[..., ::-1]
