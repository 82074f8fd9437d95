"""docs/performance.md and its picture, from what the two benchmarks stored."""
import math
from pathlib import Path

import roofline
from common import ROOT, WORK, median, ratio, ratios, stored

DOCUMENT = ROOT / "docs/performance.md"
TEMPLATE = Path(__file__).with_name("performance.md.in")


def table(header, lines):
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *lines])


def kernels(data):
    """Time, share of the roofline's limit, and instructions of each kernel in the widest variant and the others."""
    peak = data["peaks"][0]
    lines, points = [], []
    for kernel in data["kernels"]:
        name, line = kernel["name"], [kernel["name"], f"{kernel['bytes']:g}", f"{kernel['operations']:g}" if kernel["operations"] else "–"]
        times = {variant: figures[name] for variant, figures in data["times"].items()}
        line += [f"{times[variant]:.3f}" if variant in times else "–" for variant in ("plain", "avx2", "avx512")]
        best = min(times.values())
        # The estimator's features stay in the cache: memory does not limit that kernel.
        memory = 0 if name.startswith("separable") else kernel["bytes"] / peak["copy_gbs"]
        limit = max(memory, kernel["operations"] / peak["gflops"])
        line += [f"{limit:.3f} ({'memory' if limit == memory else 'arithmetic'})", f"{100 * limit / best:.0f} %"]
        counts = (data["counts"].get(variant, {}).get(name) for variant in ("plain", "avx2"))
        line += [f"{count:.1f}" if count else "–" for count in counts]
        lines.append(line)
        if kernel["operations"]:
            points.append((name, kernel["operations"] / kernel["bytes"], kernel["operations"] / best))
    picture = roofline.draw(peak, points)
    header = ["kernel", "bytes", "operations", "plain, ns", "AVX2, ns", "AVX-512, ns", "limit, ns", "share of the limit",
              "instructions, plain", "instructions, AVX2"]
    return table(header, lines), picture


def engine(data):
    header = ["look", "reuse", "threads", "frames per second", "estimate, ms", "apply, ms"]
    lines = [[*key.split(", "), f"{run['fps']:.0f}", f"{run['estimate_ms']:.2f}", f"{run['apply_ms']:.2f}"]
             for key, run in data["engine"].items()]
    return table(header, lines)


def estimator(data):
    lines = [[path, f"{run['estimate_ms']:.2f}"] for path, run in data["estimator"].items()]
    return table(["estimator", "ms per picture of 1200x900"], lines)


def sizes(data):
    lines = []
    base = None
    for size, run in data["sizes"].items():
        width, height = map(int, size.split("x"))
        cost = run["apply_ms"] * 1e6 / (width * height)
        base = base or cost
        lines.append([size, f"{run['apply_ms']:.3f}", f"{cost:.3f}", f"{100 * (cost / base - 1):+.0f} %"])
    return table(["size", "ms per frame", "ns per pixel", "against the smallest"], lines)


def clips(data):
    parts = []
    for name, clip in data["clips"].items():
        results = clip["results"]
        parts.append(f"{name[0].upper() + name[1:]}; eq=gamma={clip['gamma']}:\n")
        lines = []
        for label, runs in results.items():
            base = "ffmpeg eq, ultrafast" if "ultrafast" in label else "ffmpeg eq"
            wall, cpu, memory = (median([run[figure] for run in runs]) for figure in ("wall", "cpu", "memory"))
            pairs = [f"{ratio(results, label, base, figure):.2f}" for figure in ("wall", "cpu", "memory")]
            walls = ratios(results, label, base, "wall")
            if label != base and len(walls) > 1: pairs[0] += f" ({min(walls):.2f} to {max(walls):.2f})"
            lines.append([label, f"{wall:.2f}", f"{data['frames'] / wall:.0f}", f"{cpu:.2f}", f"{memory:.0f}", *pairs])
        header = ["", "wall, s", "frames per second", "processor, s", "memory, MiB", "wall : eq", "processor : eq", "memory : eq"]
        parts.append(table(header, lines) + "\n")
        encoder = ratio(clip["encoder"], "natural", "eq", "cpu")
        parts.append(f"The encoder alone, fed the stored results: {encoder:.2f} times the processor time for the natural "
                     "look's frames as for eq's.\n")
    return "\n".join(parts).rstrip()


def network(data):
    figures = data["network"]
    return table(["1200x900, two cores", "frames per second"], [
        ["PyTorch, the same network and weights", f"{figures['pytorch']:.1f}"],
        ["zdce-video bench --reuse off", f"{figures['off']:.0f} ({figures['times']:.0f} times as many)"],
        ["zdce-video bench --reuse always", f"{figures['always']:.0f}"]])


def reuse(data):
    lines = []
    for name, run in data["reuse"].items():
        total = f"{-10 * math.log10(run['error']):.1f} dB" if run["error"] > 0 else "the same"
        lines.append([name, str(run["frames"]), f"{100 * run['reused'] / run['frames']:.0f} %", total, f"{run['worst']:.1f} dB",
                      f"{run['mean']:.2f}"])
    return table(["clip, look", "frames", "reuse a map", "PSNR", "worst frame", "mean, levels"], lines)


def memory(data):
    results = data["memory"]["4K"]
    lines = []
    for preset in ("veryfast", "ultrafast"):
        ours, theirs = (median([run["memory"] for run in results[f"{who}, {preset}"]]) for who in ("zdce-video", "ffmpeg"))
        lines.append([f"3840x2160, {preset}", f"{ours:.0f} MiB", f"{theirs:.0f} MiB (eq)", f"{ours / theirs:.2f}"])
    (short, first), (long, second) = data["memory"]["lengths"].items()
    lines.append([f"320x240, {long} frames", f"{second:.0f} MiB", f"{first:.0f} MiB ({short} frames)", f"{second / first:.2f}"])
    return table(["peak memory", "zdce-video", "beside", "ratio"], lines)


def write():
    """Fills the template with what there is."""
    values = {}
    if data := stored("engine"):
        values["KERNELS"], picture = kernels(data)
        (ROOT / "docs/performance").mkdir(exist_ok=True)
        (ROOT / "docs/performance/roofline.svg").write_text(picture)
        one, two = data["peaks"]
        values["PEAKS"] = (f"{one['gflops']:.0f} GFLOPS and {one['copy_gbs']:.1f} GB/s on one thread, "
                           f"{two['gflops']:.0f} and {two['copy_gbs']:.1f} on two")
        values["PROCESSOR"] = data["processor"]
        values["ENGINE"], values["ESTIMATOR"], values["SIZES"] = engine(data), estimator(data), sizes(data)
    if data := stored("peers"):
        values["PROCESSOR"] = data["processor"]
        values["NETWORK"], values["CLIPS"], values["MEMORY"] = network(data), clips(data), memory(data)
        values["REUSE"] = reuse(data)
        values["FRAMES"] = str(data["frames"])
        values["RUNS"] = str(max(len(runs) for clip in data["clips"].values() for runs in clip["results"].values()))
    document = TEMPLATE.read_text()
    for name in ("KERNELS", "PEAKS", "PROCESSOR", "ENGINE", "ESTIMATOR", "SIZES", "NETWORK", "CLIPS", "MEMORY", "REUSE", "FRAMES", "RUNS"):
        document = document.replace("@" + name + "@", values.get(name, "not measured yet"))
    DOCUMENT.write_text(document)
