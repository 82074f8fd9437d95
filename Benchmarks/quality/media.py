"""Frames in and out, through the ffmpeg tools."""
import subprocess
import tempfile

import numpy as np

# swscale is fast and coarse unless told otherwise.
EXACT = ["-sws_flags", "bicubic+accurate_rnd+full_chroma_int"]
LOSSLESS = ["-f", "nut", "-c:v", "rawvideo"]


def size(path):
    """Width and height of the first video stream."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height"]
    text = subprocess.run(command + ["-of", "csv=p=0", path], check=True, capture_output=True, text=True).stdout
    return tuple(int(number) for number in text.split()[0].split(",")[:2])


def frames(path, width, height, count, skip=0, filters="null"):
    """`count` frames from number `skip` on, brought to an even size: (n, height, width, 3) uint8 RGB."""
    chain = f"{filters},select=gte(n\\,{skip}),scale={width}:{height}"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-vf", chain, "-vsync", "0", "-frames:v", str(count)]
    command += [*EXACT, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def through(command, width, height):
    """What a program writes as NUT to its standard output, as RGB frames."""
    decoder = ["ffmpeg", "-v", "error", "-i", "-", "-vsync", "0", *EXACT, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    with tempfile.TemporaryFile() as errors:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        raw = subprocess.run(decoder, stdin=program.stdout, check=True, capture_output=True).stdout
        program.stdout.close()
        if program.wait():
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {errors.read().decode()}")
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def luma(path, width, height):
    """Luma codes as they stand in the file: (n, height, width) uint8."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-vf", "extractplanes=y", "-vsync", "0"]
    raw = subprocess.run(command + ["-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width)


def encode(pictures, path, arguments, rate=25):
    """Writes RGB frames as H.264 in 8-bit 4:2:0."""
    height, width = pictures.shape[1:3]
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(rate), "-i", "-"]
    target = [*EXACT, "-pix_fmt", "yuv420p", "-c:v", "libx264", *arguments, "-f", "mp4", path]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *target], input=pictures.tobytes(), check=True)
