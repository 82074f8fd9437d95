"""Measures `zdce-video live` over hours that are made short: python3 Benchmarks/live TEST --program FILE.

    restarts   a camera that is killed and comes back, again and again: how long until frames flow, and what grows
    sixteen    sixteen cameras of 640x360 at 10 fps, a process for each: processor, memory, drops
    camera     one camera of 1080p30, published by RTSP: drops and latency
    versus     the same beside ffmpeg, whose filter eq makes it as bright, and the same encoder: processor time for a frame
    overload   a camera of 2160p60, more than the machine can do: latency, drops, memory

Prints one JSON object. Exits with 1 if a promise of docs/live.md is broken. Needs the packages of the Makefile alone.
"""

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from processes import end, end_all, metrics, server, start, usage, wait_for

# Of `versus`; seconds of one run, at most.
PAIRS, RUN = 8, 30


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", choices=["restarts", "sixteen", "camera", "versus", "overload"])
    parser.add_argument("--program", required=True)
    parser.add_argument("--footage", required=True, help="a clip of a fixed camera at night")
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    return parser.parse_args()


def ffmpeg(*options):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *options], check=True)


def footage(options, folder, size, rate, seconds, audio=True):
    """`--footage` as a camera of that kind sends it: H.264, a key frame every two seconds, with AAC."""
    part, path = os.path.join(folder, "part.mp4"), os.path.join(folder, f"camera-{size}.mp4")
    tone = ["-f", "lavfi", "-i", "anoisesrc=amplitude=0.01:sample_rate=48000"]
    # One slice a frame: GStreamer's payloader puts parameter sets before each slice of a key frame, which makes two of it.
    ffmpeg("-stream_loop", "-1", "-i", options.footage, *tone, "-map", "0:v", "-map", "1:a", "-t", "8",
           "-vf", f"scale={size},fps={rate},format=yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency",
           "-x264-params", "sliced-threads=0", "-g", str(2 * rate), "-c:a", "aac", "-b:a", "64k", part)
    ffmpeg("-stream_loop", str(int(seconds / 8) + 1), "-i", part, "-c", "copy", path)
    return path


def live(options, source, *more, port=None, **how):
    watched = ["--metrics", f"127.0.0.1:{port}"] if port else []
    return start(options.program, "live", source, "--no-progress", *watched, *more, **how)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def spread(samples, name):
    """How far the second half of the samples is from the first, relative."""
    values = [sample[name] for sample in samples]
    half = len(values) // 2
    first, second = statistics.median(values[:half]), statistics.median(values[half:])
    return {"first_half": first, "second_half": second, "growth": round(second / first - 1, 4), "most": max(values)}


def restarts(options, folder):
    path, watch = footage(options, folder, "640:360", 25, 120), free_port()
    camera, port = server(path)
    errors = open(os.path.join(folder, "errors"), "w")
    program = live(options, f"rtsp://127.0.0.1:{port}/camera", "-o", "null", "--preset", "ultrafast",
                   "--reconnect-max-delay", "1s", port=watch, stderr=errors)
    if wait_for(lambda: metrics(watch).get("zdce_video_frames_out_total", 0) > 25, 30) is None:
        raise SystemExit("no frames at the beginning")
    times, samples, dice = [], [], random.Random(1)
    for cycle in range(options.cycles):
        camera.kill()
        camera.wait()
        time.sleep(dice.uniform(0.2, 2))
        before = metrics(watch)["zdce_video_frames_out_total"]
        camera, _ = server(path, port=port)
        took = wait_for(lambda: metrics(watch).get("zdce_video_frames_out_total", 0) > before, 20)
        if took is None or program.poll() is not None:
            raise SystemExit(f"no frames after restart {cycle + 1}")
        times.append(took)
        time.sleep(0.5)
        samples.append(usage(program.pid))
    reconnects = metrics(watch)["zdce_video_reconnects_total"]
    end(program)
    # The first restarts fill pools and caches.
    settled = samples[len(samples) // 10:]
    growth = {name: spread(settled, name) for name in ("rss", "descriptors", "threads")}
    kept = max(times) <= 3 and all(abs(one["growth"]) <= 0.05 for one in growth.values())
    return kept, {"cycles": len(times), "reconnects": reconnects, "exit_code": program.returncode,
                  "seconds_to_flow": {"median": round(statistics.median(times), 2), "most": round(max(times), 2)}, **growth}


def sixteen(options, folder):
    path = footage(options, folder, "640:360", 10, options.seconds + 40)
    camera, port = server(path)
    programs, began = [], time.monotonic()
    for number in range(16):
        # As sixteen units would be started: not all in the same instant.
        time.sleep(0.5)
        programs.append(live(
            options, f"rtsp://127.0.0.1:{port}/camera", "-o", os.path.join(folder, f"{number}.mkv"), "--json",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    time.sleep(5)
    first, since = [usage(program.pid)["seconds"] for program in programs], time.monotonic()
    time.sleep(options.seconds)
    last, passed = [usage(program.pid) for program in programs], time.monotonic() - since
    summaries = []
    for program in programs:
        program.terminate()
    for program in programs:
        out, errors = program.communicate(timeout=20)
        summaries.append(json.loads(out.splitlines()[-1]))
    frames = sum(one["frames_out"] for one in summaries)
    dropped = sum(one["frames_dropped"] for one in summaries)
    processor = sum(one["seconds"] for one in last) - sum(first)
    return True, {"cameras": len(programs), "frames_out": frames, "frames_dropped": dropped,
                  "fps_each": round(statistics.median(one["fps"] for one in summaries), 2),
                  "processors": round(processor / passed, 2),
                  "resident_megabytes_each": round(statistics.median(one["rss"] for one in last) / 1e6, 1)}


def published(options, folder, size, rate, *more):
    """Runs a camera to an RTSP receiver for `--seconds`; the end figures, and samples of memory."""
    path, watch = footage(options, folder, size, rate, options.seconds + 30), free_port()
    _, port = server(path)
    _, receiver = server("--record", os.path.join(folder, "received.mkv"), "--codecs", "h264,aac")
    program = live(options, f"rtsp://127.0.0.1:{port}/camera", "-o", f"rtsp://127.0.0.1:{receiver}/camera", "--json",
                   "--duration", f"{options.seconds}s", *more, port=watch, stdout=subprocess.PIPE, text=True)
    samples = []
    while program.poll() is None:
        time.sleep(1)
        try:
            samples.append({**usage(program.pid), **histogram_quantile(watch)})
        except (OSError, KeyError, IndexError):
            pass
    lines = program.stdout.read().splitlines()
    if not lines or not samples:
        raise SystemExit(f"the program ended with exit code {program.returncode}")
    summary, seconds = json.loads(lines[-1]), samples[-1]["seconds"]
    return {"frames_in": summary["frames_in"], "frames_out": summary["frames_out"],
            "frames_dropped": summary["frames_dropped"], "fps": round(summary["fps"], 2), "exit_code": program.returncode,
            "latency_p99_at_most_ms": samples[-1]["p99"], "processors": round(seconds / len(samples), 2),
            "rss": spread(samples[len(samples) // 4:], "rss")}


def histogram_quantile(port):
    """The bound of the bucket that holds 99 of 100 latencies, in milliseconds."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    buckets = [(line.split('"')[1], float(line.split()[1])) for line in lines
               if line.startswith("zdce_video_latency_seconds_bucket")]
    bound = next(bound for bound, count in buckets if count >= 0.99 * buckets[-1][1])
    return {"p99": None if bound == "+Inf" else round(1000 * float(bound), 1)}


def camera(options, folder):
    figures = published(options, folder, "1920:1080", 30)
    return figures["exit_code"] == 0, figures


def overload(options, folder):
    figures = published(options, folder, "3840:2160", 60)
    kept = figures["latency_p99_at_most_ms"] is not None and figures["latency_p99_at_most_ms"] <= 500
    return kept and abs(figures["rss"]["growth"]) <= 0.05, figures


def mean_luma(path, *filters):
    """Of all frames of a clip, after these filters of ffmpeg."""
    printed = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-an", "-vf",
         ",".join([*filters, "signalstats", "metadata=print:key=lavfi.signalstats.YAVG:file=-"]), "-f", "null", "-"],
        check=True, capture_output=True, text=True).stdout
    return statistics.mean(float(line.split("=")[1]) for line in printed.splitlines() if "YAVG" in line)


def brightness(options, folder, path):
    """The filter of ffmpeg that makes a camera's pictures as bright as the program does: eq, and nothing but its gamma."""
    dark, bright = os.path.join(folder, "dark.mp4"), os.path.join(folder, "bright.mp4")
    ffmpeg("-i", path, "-t", "1", "-an", "-c", "copy", dark)
    subprocess.run([options.program, "enhance", dark, "-o", bright, "--quiet"], check=True)
    wanted, low, high = mean_luma(bright), 0.3, 9
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_luma(dark, f"eq=gamma={middle}") < wanted else (low, middle)
    return f"eq=gamma={low:.3f}"


def versus(options, folder):
    """Processor seconds per frame that came out, in pairs, first one and then the other ahead: a shared machine changes
    its speed within minutes, so many short pairs say more than few long ones."""
    seconds = min(options.seconds, RUN)
    path = footage(options, folder, "1920:1080", 30, seconds + 20)
    brighter = brightness(options, folder, path)
    ours, theirs = [], []
    encoder = ["--preset", "ultrafast", "--crf", "23"]
    for pair in range(PAIRS):
        for figures, is_ours in ((ours, True), (theirs, False))[::1 if pair % 2 == 0 else -1]:
            camera_process, port = server(path)
            receiver_process, receiver = server(
                "--record", os.path.join(folder, "received.mkv"), "--codecs", "h264,aac")
            source, sink = f"rtsp://127.0.0.1:{port}/camera", f"rtsp://127.0.0.1:{receiver}/camera"
            before = os.times()
            if is_ours:
                program = live(options, source, "-o", sink, *encoder, "--duration", f"{seconds}s", "--json",
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                out, _ = program.communicate()
                frames = json.loads(out.splitlines()[-1])["frames_out"]
            else:
                program = start(
                    "ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", source, "-t", str(seconds),
                    "-vf", brighter, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-tune", "zerolatency",
                    "-g", "60", "-c:a", "copy", "-progress", "pipe:1", "-f", "rtsp", "-rtsp_transport", "tcp", sink,
                    stdout=subprocess.PIPE, text=True)
                out, _ = program.communicate()
                frames = int([line for line in out.splitlines() if line.startswith("frame=")][-1].split("=")[1])
            # Children that have ended and were waited for: the program alone, the servers still run.
            after = os.times()
            spent = after.children_user + after.children_system - before.children_user - before.children_system
            figures.append(1000 * spent / frames)
            end(camera_process)
            end(receiver_process)
    ratios = [one / other for one, other in zip(ours, theirs)]
    ratio = statistics.median(ratios)
    return ratio <= 1.1, {"filter": brighter, "ratio": round(ratio, 3), "ratio_least": round(min(ratios), 3),
                          "ratio_most": round(max(ratios), 3), "ms_per_frame": [round(one, 2) for one in ours],
                          "ffmpeg_eq_ms_per_frame": [round(one, 2) for one in theirs]}


def main():
    options = arguments()
    tests = {"restarts": restarts, "sixteen": sixteen, "camera": camera, "versus": versus, "overload": overload}
    with tempfile.TemporaryDirectory(prefix="zdce-soak") as folder:
        try:
            kept, figures = tests[options.test](options, folder)
        finally:
            end_all()
    print(json.dumps({"test": options.test, **figures}))
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
