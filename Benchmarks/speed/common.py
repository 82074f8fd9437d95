"""What both benchmarks use: paths, runs of programs, medians."""
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".build/speed"
PROGRAM = ROOT / ".build/release/zdce-video"
FOOTAGE = ROOT / "samples/footage"


def say(text):
    print(text, file=sys.stderr, flush=True)


def output(*command, env=None):
    """Standard output of a program that has to succeed."""
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True, env=env).stdout


def json_lines(*command):
    return [json.loads(line) for line in output(*command).splitlines()]


def measure(command):
    """Wall and processor seconds and peak memory in MiB of a program; its standard output is thrown away."""
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"status {process.returncode}: {command}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}


def in_turn(commands, runs):
    """Runs all commands one after the other, `runs` times over, every other time backwards, so that a machine whose speed
    drifts is fair to all. The figures of each, run by run."""
    results = {name: [] for name in commands}
    for run in range(runs):
        for name, command in list(commands.items())[:: -1 if run % 2 else 1]:
            results[name].append(measure(command))
    return results


def median(values):
    return statistics.median(values)


def ratios(results, name, other, figure):
    """The ratios of two programs' figures, run by run."""
    return [a[figure] / b[figure] for a, b in zip(results[name], results[other])]


def ratio(results, name, other, figure):
    """The median of these."""
    return median(ratios(results, name, other, figure))


def store(name, figures):
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / f"{name}.json").write_text(json.dumps(figures, indent=1))


def stored(name):
    path = WORK / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"
