"""What the default look costs, and what it does to daylight."""
import json
import statistics
import subprocess
import time

import cv2
import numpy as np

import clips
import media
import methods
import scores


DAYLIGHT_SECONDS = 8


def pairs(first, second, count=5):
    """Runs both in turn; medians of each and of the ratio second / first. Machines are seldom idle."""
    results = [(first(), second()) for _ in range(count)]
    return [statistics.median(column) for column in zip(*((a, b, b / a) for a, b in results))]


def engine(program):
    """Frames per second in memory at 1080p, natural and faithful, and the factor on time."""
    def fps(look):
        command = [program, "bench", "--look", look, "--width", "1920", "--height", "1080", "--frames", "200", "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["fps"]

    return pairs(lambda: fps("natural"), lambda: fps("faithful"))


def file_to_file(program, folder):
    """Seconds for 100 frames of a dark vtest in 1440x1080, with ffmpeg's filters and with ours; and the factor."""
    night = f"{folder}/cost.mp4"
    path = str(clips.FOOTAGE / "vtest.avi")
    media.encode(clips.darken(media.frames(path, 1440, 1080, 100, 10), 4), night, ["-crf", "23"])
    encoder = ["-preset", "veryfast", "-crf", "20"]
    theirs = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", night, "-vf", "hqdn3d,eq=gamma=2.5", "-c:v", "libx264"]

    def seconds(command):
        start = time.monotonic()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return time.monotonic() - start

    return pairs(
        lambda: seconds([*theirs, *encoder, f"{folder}/cost-ffmpeg.mp4"]),
        lambda: seconds([program, "enhance", night, "-o", f"{folder}/cost-ours.mp4", "-y", "--quiet",
                         "--codec", "libx264", "--preset", "veryfast", "--crf", "20"]))


def daylight(program, path):
    """What the default look does to a clip: PSNR between the two (inf: equal), mean change of luma in levels."""
    width, height = media.size(path)
    before = methods.filters(f"trim=duration={DAYLIGHT_SECONDS}")(path, width, height)
    after = methods.ours(program, "--duration", str(DAYLIGHT_SECONDS))(path, width, height)
    # One mean over all frames: the PSNR of equal frames is infinite.
    error = np.mean([cv2.norm(a, b, cv2.NORM_L2SQR) / a.size for a, b in zip(before, after)])
    luma = [cv2.cvtColor(b, cv2.COLOR_RGB2GRAY).mean() - cv2.cvtColor(a, cv2.COLOR_RGB2GRAY).mean()
            for a, b in zip(before, after)]
    return (10 * np.log10(255**2 / error) if error else float("inf")), float(np.mean(luma))
