"""Kernels, estimator and engine, without any codec: `make bench`."""
import re

from common import PROGRAM, ROOT, WORK, json_lines, median, output, processor, say, store

KERNELS = WORK / "kernels"
VARIANTS = ("plain", "avx2", "avx512")
RUNS, ROUNDS, SIZE_RUNS = 3, 7, 7
SIZES = ((640, 360), (854, 480), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))


def build():
    sources = sorted((ROOT / "Sources/CKernels").glob("*.c"))
    here = ROOT / "Benchmarks/speed"
    output("clang", "-O2", "-DNDEBUG", f"-I{ROOT / 'Sources/CKernels/include'}", here / "kernels.c", here / "machine.c",
           *sources, "-o", KERNELS, "-lpthread", "-lm")


def flags():
    words = (word for line in open("/proc/cpuinfo") if line.startswith("flags") for word in line.split())
    return set(words)


def variants():
    have = flags()
    wanted = {"avx2": {"avx2", "fma"}, "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}
    return [name for name in VARIANTS if wanted.get(name, set()) <= have]


def instructions(kernel, variant):
    """Instructions per pixel as callgrind counts them; None where valgrind does not know the instruction set."""
    if variant == "avx512":
        return None
    path = WORK / "callgrind.out"
    output("valgrind", "-q", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=one_pass",
           f"--callgrind-out-file={path}", KERNELS, "once", variant, kernel["name"])
    total = re.search(r"^(?:summary|totals): (\d+)", path.read_text(), re.M)
    return int(total[1]) / kernel["pixels"]


def bench(*options):
    """The run of three whose frame rate is the median."""
    runs = [json_lines(PROGRAM, "bench", "--json", *options)[0] for _ in range(RUNS)]
    return sorted(runs, key=lambda run: run["fps"])[RUNS // 2]


def time_sizes():
    """By size, the run whose time for a frame is the median: sizes in turn, since they are compared with each other."""
    runs = {}
    for _ in range(SIZE_RUNS):
        for width, height in SIZES:
            frames = max(60, 200 * 1920 * 1080 // (width * height))
            run = json_lines(PROGRAM, "bench", "--json", "--width", str(width), "--height", str(height), "--reuse", "always",
                             "--look", "natural", "--frames", str(frames))[0]
            runs.setdefault(f"{width}x{height}", []).append(run)
    return {size: sorted(those, key=lambda run: run["apply_ms"])[SIZE_RUNS // 2] for size, those in runs.items()}


def medians(figures):
    return {name: median(values) for name, values in figures.items()}


def time_kernels():
    """The machine's peaks, and by variant nanoseconds per pixel by kernel: medians of rounds that measure both, since a
    share of a peak means little if the peak is another minute's."""
    peaks, times = {}, {}
    for _ in range(ROUNDS):
        for line in json_lines(KERNELS, "peaks"):
            for name, value in line.items():
                peaks.setdefault(line["threads"], {}).setdefault(name, []).append(value)
        for variant in variants():
            for line in json_lines(KERNELS, "time", variant):
                times.setdefault(variant, {}).setdefault(line["name"], []).append(line["ns_per_pixel"])
    return [medians(figures) for figures in peaks.values()], {variant: medians(figures) for variant, figures in times.items()}


def run():
    WORK.mkdir(parents=True, exist_ok=True)
    build()
    say("kernels, and peaks of the machine")
    kernels, counts = json_lines(KERNELS, "list"), {}
    peaks, times = time_kernels()
    for variant in times:
        say(f"instructions, {variant}")
        counts[variant] = {kernel["name"]: instructions(kernel, variant) for kernel in kernels}
    say("engine")
    size = ("--width", "1200", "--height", "900")
    engine = {}
    for look, threads in (("faithful", 1), ("faithful", 2), ("natural", 2)):
        for reuse in ("off", "always"):
            key = f"{look}, {reuse}, {threads}"
            engine[key] = bench(*size, "--look", look, "--reuse", reuse, "--threads", str(threads))
    say("estimator")
    estimator = {}
    for path in ("fused", "openblas"):
        estimator[path] = bench(*size, "--reuse", "off", "--threads", "1", "--estimator", path)
    say("sizes")
    sizes = time_sizes()
    store("engine", {"processor": processor(), "peaks": peaks, "kernels": kernels, "times": times, "counts": counts,
                     "engine": engine, "estimator": estimator, "sizes": sizes})
