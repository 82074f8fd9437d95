"""Tables, pictures and the document."""
import cv2
import numpy as np

FIGURES = {
    "psnr": ("PSNR, dB", "{:.2f}"),
    "ssim": ("SSIM", "{:.3f}"),
    "noise": ("noise", "{:.2f}"),
    "warping": ("warping", "{:.2f}"),
    "chroma": ("black's chroma", "{:.2f}"),
    "brightness": ("brightness", "{:.2f}"),
}
# Stops and CRF of the night that all methods are run on.
NIGHT = (4, 28)
SHOWN = ("vtest", "city")
COLUMNS = ("the night itself", "ffmpeg hqdn3d,eq=gamma=2.5", "faithful", "natural (default)", "the truth")


def mean(figures, label, figure, names, nights):
    """Of a figure of a method; of those nights that have it."""
    values = [figures[name, *night][label][figure] for name in names for night in nights]
    values = [value for value in values if value == value]
    return sum(values) / len(values) if values else float("nan")


def text(value, form):
    return "–" if value != value else "∞" if value > 300 else form.format(value)


def rows(header, lines):
    """A table in Markdown."""
    table = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in table)


def labels(figures, nights):
    """The methods that were run on all of these nights, in order."""
    tables = [table for task, table in figures.items() if task[1:] in nights]
    return [label for label in tables[0] if all(label in table for table in tables)]


def table(figures, names, nights):
    """All figures of all methods, each a mean over clips and nights."""
    lines = [
        [label, *(text(mean(figures, label, key, names, nights), form) for key, (_, form) in FIGURES.items())]
        for label in labels(figures, nights)
    ]
    return rows(["method", *(title for title, _ in FIGURES.values())], lines)


def cell(figures, label, names, nights):
    """The three figures that say most."""
    keys = ("psnr", "ssim", "noise")
    return " / ".join(text(mean(figures, label, key, names, nights), FIGURES[key][1]) for key in keys)


def by_clip(figures, names, nights):
    """PSNR / SSIM / noise for each clip."""
    lines = [
        [label, *(cell(figures, label, [name], nights) for name in names)] for label in labels(figures, nights)
    ]
    return rows(["method", *names], lines)


def by_night(figures, names, nights):
    """PSNR / SSIM / noise for each night, of the methods that were run on all of them."""
    lines = [
        [label, *(cell(figures, label, names, [night]) for night in nights)] for label in labels(figures, nights)
    ]
    return rows(["method", *(f"{stops} stops, CRF {crf}" for stops, crf in nights)], lines)


def strip(pictures, name):
    """The same frame of several methods, side by side."""
    frames = [pictures[name][label] for label in COLUMNS]
    size = (384, round(384 * frames[0].shape[0] / frames[0].shape[1]))
    return np.hstack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames])[..., ::-1]


def write(folder, figures, names, pictures, daylight, engine, files):
    """docs/quality.md and docs/quality/*.jpg."""
    (folder / "quality").mkdir(exist_ok=True)
    for name in SHOWN:
        cv2.imwrite(str(folder / f"quality/{name}.jpg"), strip(pictures, name), [cv2.IMWRITE_JPEG_QUALITY, 85])
    nights = sorted({task[1:] for task in figures})
    videos = [name for name in names if name in ("carphone", "bikes", "vtest", "city")]
    template = (folder.parent / "Benchmarks/quality/quality.md.in").read_text(encoding="utf-8")
    (folder / "quality.md").write_text(
        template.format(
            mean=table(figures, videos, [NIGHT]),
            clips=by_clip(figures, names, [NIGHT]),
            nights=by_night(figures, videos, nights),
            daylight_psnr=text(daylight[0], "{:.1f} dB"), daylight_luma=daylight[1],
            natural_fps=engine[0], faithful_fps=engine[1], engine=engine[2],
            ffmpeg_seconds=files[0], our_seconds=files[1], files=files[2],
        ),
        encoding="utf-8",
    )
