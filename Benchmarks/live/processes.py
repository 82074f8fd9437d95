"""Processes of a measurement: cameras, the program, what they take of the machine; all ended at the end."""

import os
import signal
import subprocess
import time
import urllib.request

RIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Rigs")
TICKS = os.sysconf("SC_CLK_TCK")
running = []


def start(*command, **options):
    """A process that `end_all` ends."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    running.append(process)
    return process


def end(process, number=signal.SIGTERM):
    """Sends a signal and waits for the end, ten seconds at most."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process in running:
        running.remove(process)


def end_all():
    for process in list(running):
        end(process)


def server(*arguments, port=0):
    """An RTSP server of Tests/Rigs that listens, and its port."""
    process = start("/usr/bin/python3", os.path.join(RIGS, "rtsp-server.py"), *arguments, "--port", str(port),
                    stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line.startswith("listening "):
        raise SystemExit(f"the RTSP server with {arguments} does not start")
    return process, int(line.split()[1])


def metrics(port):
    """The samples without labels that the program serves, by name; {} if it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return {}
    return {line.split()[0]: float(line.split()[1]) for line in lines if line[0] != "#" and "{" not in line}


def usage(pid):
    """Resident bytes, open descriptors and threads of a process, and seconds of processor time since its beginning."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return {"rss": int(fields[21]) * os.sysconf("SC_PAGE_SIZE"), "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": int(fields[17]), "seconds": (int(fields[11]) + int(fields[12])) / TICKS}


def wait_for(condition, seconds, pause=0.02):
    """Seconds until `condition()` holds; None if it does not in time."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(pause)
    return None
