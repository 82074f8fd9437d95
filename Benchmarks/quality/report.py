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


def marks(figures, names, stills, daylight, engine, files):
    """What is asked of the default look, and whether it is so. Marks that need the authors' weights only with them."""
    def line(what, mark, value, form, holds):
        return [what, mark, text(value, form), "yes" if holds else "**no**"]

    ours, lines = "natural (default)", []
    authors = "authors' weights, faithful"
    if all(authors in table for task, table in figures.items() if task[1:] == NIGHT):
        def of(label, key):
            return mean(figures, label, key, names, [NIGHT])

        psnr, ssim = of(ours, "psnr") - of(authors, "psnr"), of(ours, "ssim") - of(authors, "ssim")
        noise, chroma = of(ours, "noise") / of(authors, "noise"), of(ours, "chroma") / of(authors, "chroma")
        lines += [
            line("PSNR above the authors' weights", "1.6 dB (aim 2.3)", psnr, "{:+.2f} dB", psnr >= 1.6),
            line("SSIM above the authors' weights", "0.032 (aim 0.067)", ssim, "{:+.3f}", ssim >= 0.032),
            line("noise, of the authors'", "0.50 (aim 0.40)", noise, "{:.2f}", noise <= 0.5),
            line("black's chroma, of the authors'", "0.33", chroma, "{:.2f}", chroma <= 1 / 3),
            line("stills: PSNR above the authors' weights", "3.1 dB", stills[ours][0] - stills[authors][0],
                 "{:+.2f} dB", stills[ours][0] - stills[authors][0] >= 3.1),
            line("stills: SSIM above the authors' weights", "0.147", stills[ours][1] - stills[authors][1], "{:+.3f}",
                 stills[ours][1] - stills[authors][1] >= 0.147),
        ]
    brightness = mean(figures, ours, "brightness", names, [NIGHT])
    worst, change = min(value[0] for value in daylight.values()), max(abs(value[1]) for value in daylight.values())
    lines += [
        line("brightness, of the truth's", "0.75 to 1.25", brightness, "{:.2f}", 0.75 <= brightness <= 1.25),
        line("daylight: worst PSNR to the input", "38 dB", worst, "{:.1f} dB", worst >= 38),
        line("daylight: largest change of mean luma", "2 levels", change, "{:.2f}", change <= 2),
        line("engine time, of that without the look", "1.6", engine[2], "{:.2f}", engine[2] <= 1.6),
        line("file to file, of ffmpeg with hqdn3d and eq", "1.2", files[2], "{:.2f}", files[2] <= 1.2),
    ]
    return rows(["figure", "mark", "measured", "holds"], lines)


def write(folder, figures, names, pictures, stills, daylight, engine, files):
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
            marks=marks(figures, videos, stills, daylight, engine, files),
            stills=rows(
                ["method", "PSNR, dB", "SSIM"],
                [[label, f"{psnr:.2f}", f"{ssim:.3f}"] for label, (psnr, ssim) in stills.items()]),
            daylight=rows(
                ["clip", "PSNR", "change of luma"],
                [[name, text(psnr, "{:.1f} dB"), f"{luma:.2f}"] for name, (psnr, luma) in daylight.items()]),
            natural_fps=engine[0], faithful_fps=engine[1], engine=engine[2],
            ffmpeg_seconds=files[0], our_seconds=files[1], files=files[2],
        ),
        encoding="utf-8",
    )
