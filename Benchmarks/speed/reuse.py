"""Which share of the frames reuses a map, and how close they come to those that all get their own."""
import csv
import re

from common import PROGRAM, WORK, output

STATS = re.compile(r"psnr_y:(\S+)")


def enhance(source, target, *options):
    output(PROGRAM, "enhance", source, "-o", target, "-y", "--quiet", "--codec", "ffv1", *options)


def mean_luma(path):
    """Of every frame, in codes."""
    shown = output("ffmpeg", "-nostdin", "-v", "error", "-i", path, "-vf",
                   "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-f", "null", "-")
    return [float(line.split("=")[1]) for line in shown.splitlines() if "YAVG" in line]


def compare(source, look):
    """The luma of the default beside that of --reuse off: PSNR in all and of the worst frame, greatest distance of means."""
    paths = {name: WORK / f"reuse-{name}" for name in ("auto.mkv", "off.mkv", "report.csv")}
    enhance(source, paths["auto.mkv"], "--look", look, "--report", paths["report.csv"])
    enhance(source, paths["off.mkv"], "--look", look, "--reuse", "off")
    rows = list(csv.DictReader(paths["report.csv"].read_text().splitlines()))
    shown = output("ffmpeg", "-nostdin", "-v", "error", "-i", paths["auto.mkv"], "-i", paths["off.mkv"], "-lavfi",
                   "[0:v][1:v]psnr=stats_file=-", "-f", "null", "-")
    frames = [float(match) for match in STATS.findall(shown)]
    errors = [10 ** (-value / 10) for value in frames]
    means = [abs(a - b) for a, b in zip(mean_luma(paths["auto.mkv"]), mean_luma(paths["off.mkv"]), strict=True)]
    if not len(frames) == len(rows) == len(means):
        raise SystemExit(f"{source}: {len(rows)} frames are {len(frames)} in ffmpeg's comparison")
    for path in paths.values():
        path.unlink()
    return {"frames": len(rows), "reused": sum(row["reused"] == "1" for row in rows), "error": sum(errors) / len(errors),
            "worst": min(frames), "mean": max(means)}
