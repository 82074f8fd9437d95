"""From file to file beside others: `make bench-peers`. Needs NumPy; PyTorch and OpenCV run in programs of their own."""
import hashlib
import subprocess
import sys

import numpy as np

import reuse
from common import FOOTAGE, PROGRAM, ROOT, WORK, in_turn, json_lines, measure, median, output, processor, ratio, say, store

# Even: there and back again.
RUNS = 4
FRAMES = 120
# An eighth of the light, in codes.
DARK = round((1 / 8) ** (1 / 2.2), 3)
WEIGHTS = ROOT / "Sources/Enhancer/Resources/zero-dce++.safetensors"
FILTERS = {
    "ffmpeg curves": "curves=preset=lighter",
    "ffmpeg normalize": "normalize=smoothing=25",
    "ffmpeg histeq": "histeq=strength=0.4",
}


def clip(name, source, width, height, frames, darken=False):
    """A clip of the benchmark, H.264 as cameras make it; made once, and anew where it is described otherwise. `darken`: as
    with an eighth of the light, and noise."""
    filters = [f"scale={width}:{height}:flags=lanczos", "format=yuv420p"]
    if darken:
        chroma = f"128+(val-128)*{DARK}"
        filters += [f"lutyuv=y=16+(val-16)*{DARK}:u={chroma}:v={chroma}", "noise=alls=4:allf=t"]
    recipe = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", source, "-frames:v", frames, "-an",
              "-vf", ",".join(filters), "-c:v", "libx264", "-preset", "fast", "-crf", "20"]
    path = WORK / f"{name}-{hashlib.sha256(str(recipe).encode()).hexdigest()[:8]}.mp4"
    if not path.exists():
        part = path.with_suffix(".part.mp4")
        output(*recipe, part)
        part.rename(path)
    return path


def luma(path):
    """The histogram of every fifth frame's luma."""
    process = subprocess.Popen(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-vf", "select=not(mod(n\\,5)),format=yuv420p,extractplanes=y",
         "-vsync", "0", "-f", "rawvideo", "-"], stdout=subprocess.PIPE)
    counts = np.zeros(256)
    while data := process.stdout.read(1 << 22):
        counts += np.bincount(np.frombuffer(data, np.uint8), minlength=256)
    return counts / counts.sum()


def gamma(source, result):
    """The gamma with which ffmpeg's eq gives `source` the mean luma of `result`: eq's own table on the histogram."""
    before, wanted = luma(source), (luma(result) * np.arange(256)).sum()
    low, high = 0.3, 9
    for _ in range(40):
        middle = (low + high) / 2
        table = np.minimum(255, np.floor(256 * (np.arange(256) / 255) ** (1 / middle)))
        low, high = (middle, high) if (before * table).sum() < wanted else (low, middle)
    return round(low, 4)


def ours(source, target, preset, *options):
    return [PROGRAM, "enhance", source, "-o", target, "-y", "--quiet", "--crf", "23", "--preset", preset, *options]


def ffmpeg(source, target, preset, *options):
    return ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, *options, "-c:v", "libx264", "-preset", preset, "-crf",
            "23", "-c:a", "copy", target]


def files(name, source):
    """All ways from file to file for one clip."""
    out = {label: WORK / f"out-{index}.mp4" for index, label in enumerate(("a", "b", "c", "d", "e", "f", "g"))}
    measure(ours(source, out["a"], "veryfast"))
    value = gamma(source, out["a"])
    brighter = ("-vf", f"eq=gamma={value}")
    commands = {
        "zdce-video, natural": ours(source, out["a"], "veryfast"),
        "ffmpeg eq": ffmpeg(source, out["b"], "veryfast", *brighter),
        "zdce-video, faithful": ours(source, out["c"], "veryfast", "--look", "faithful"),
        **{label: ffmpeg(source, out["d"], "veryfast", "-vf", options) for label, options in FILTERS.items()},
        "ffmpeg, transcoding only": ffmpeg(source, out["e"], "veryfast"),
        "zdce-video, natural, ultrafast": ours(source, out["f"], "ultrafast"),
        "ffmpeg eq, ultrafast": ffmpeg(source, out["g"], "ultrafast", *brighter),
        "zdce-video, natural, no encoder": [PROGRAM, "enhance", source, "-o", "-", "--format", "rawvideo", "--codec",
                                            "rawvideo", "--quiet"],
    }
    say(f"{name}: from file to file, eq=gamma={value}")
    results = in_turn(commands, RUNS)
    say(f"{name}: pipeline in Python")
    here = ROOT / "Benchmarks/speed/torch_peers.py"
    results["OpenCV and PyTorch"] = [
        measure([sys.executable, here, "pipeline", source, WORK / "out-python.mp4", WEIGHTS])]
    say(f"{name}: the encoder alone")
    raw = {"natural": WORK / "raw-a.nut", "eq": WORK / "raw-b.nut"}
    measure([PROGRAM, "enhance", source, "-o", raw["natural"], "-y", "--quiet", "--codec", "rawvideo"])
    output("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, *brighter, "-c:v", "rawvideo", raw["eq"])
    encoder = in_turn({label: ffmpeg(path, out["d"], "veryfast") for label, path in raw.items()}, RUNS)
    for path in raw.values():
        path.unlink()
    return {"gamma": value, "results": results, "encoder": encoder}


def memory(source, frames):
    """Peak memory at 4K against eq, and of long footage."""
    say("memory")
    large = clip("large", source, 3840, 2160, 60)
    brighter = ("-vf", "eq=gamma=2")
    out = WORK / "out-large.mp4"
    commands = {}
    for preset in ("veryfast", "ultrafast"):
        commands[f"zdce-video, {preset}"] = ours(large, out, preset)
        commands[f"ffmpeg, {preset}"] = ffmpeg(large, out, preset, *brighter)
    results = in_turn(commands, 2)
    lengths = {}
    for length in (300, frames):
        path = clip(f"small-{length}", source, 320, 240, length)
        lengths[length] = measure(ours(path, out, "veryfast"))["memory"]
    return {"4K": results, "lengths": lengths}


def network():
    """Frames per second of the network at 1200x900, PyTorch's and ours in turn."""
    say("the network")
    here = ROOT / "Benchmarks/speed/torch_peers.py"
    theirs, estimated, reused = [], [], []
    for _ in range(RUNS):
        theirs.append(float(output(sys.executable, here, "network", 1200, 900, 40, WEIGHTS)))
        for figures, reuse in ((estimated, "off"), (reused, "always")):
            options = ("--width", 1200, "--height", 900, "--threads", 2, "--reuse", reuse, "--json")
            figures.append(json_lines(PROGRAM, "bench", *options)[0]["fps"])
    times = median([a / b for a, b in zip(estimated, theirs)])
    return {"pytorch": median(theirs), "off": median(estimated), "always": median(reused), "times": times}


def run():
    WORK.mkdir(parents=True, exist_ok=True)
    dark = FOOTAGE / "vtest-dark.mp4"
    # A fixed camera; and one that moves, or all would rest on what stands still.
    sources = {"surveillance (vtest, darkened)": (dark, False), "city (cityCC0, darkened)": (FOOTAGE / "city.mpg", True)}
    figures = {"processor": processor(), "frames": FRAMES, "network": network(), "clips": {}, "reuse": {}}
    for name, (source, darken) in sources.items():
        path = clip(f"{name.split()[0]}-{'dark' if darken else 'as-is'}", source, 1920, 1080, FRAMES, darken)
        figures["clips"][name] = files(name, path)
        say(f"{name}: reuse of maps")
        # Of dark footage as it was taken: enlarged, its noise is another.
        footage = path if darken else source
        for look in ("natural", "faithful"):
            figures["reuse"][f"{name}, {look}"] = reuse.compare(footage, look)
    figures["memory"] = memory(dark, 10000)
    store("peers", figures)
