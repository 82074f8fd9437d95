"""Scores ways to brighten simulated nights against the truth, and writes docs/quality.md with its pictures.

With --stops, --crf, --clips or --methods, nothing but tables is printed.
"""
import argparse
import functools
import multiprocessing
import os
import pickle
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2

import clips
import cost
import media
import methods
import report
import scores
import stills

WORK = clips.ROOT / ".build/quality"


def night(name, stops, crf):
    """The file of a simulated night; made once."""
    path = WORK / f"{name}-{stops}-{crf}.mp4"
    if not path.exists():
        part = path.with_suffix(".part")
        media.encode(clips.darken(truth(name)[0], stops), str(part), ["-crf", str(crf)])
        part.rename(path)
    return str(path)


@functools.lru_cache(1)
def truth(name):
    """A clip's clean frames and their motion; optical flow takes long, so it is kept."""
    path = WORK / f"{name}.pickle"
    if path.exists():
        return pickle.loads(path.read_bytes())
    frames = clips.truth(name)
    result = frames, scores.Motion(frames)
    path.with_suffix(".part").write_bytes(pickle.dumps(result))
    path.with_suffix(".part").rename(path)
    return result


def measure(name, stops, crf, table):
    """Figures of all methods on one night, by method; and the results' frame number 20."""
    frames, motion = truth(name)
    height, width = frames.shape[1:3]
    path = night(name, stops, crf)
    luma = media.luma(path, width, height)
    figures = {"the truth": scores.score(frames, frames, motion, luma)}
    pictures = {"the truth": frames[20]}
    for label in table:
        result = METHODS[label](path, width, height)
        figures[label] = scores.score(result, frames, motion, luma)
        pictures[label] = result[20]
    print(f"{name}, {stops} stops, CRF {crf}", flush=True)
    return figures, pictures


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    global METHODS
    parser = argparse.ArgumentParser(prog="quality", description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=str(clips.ROOT / ".build/release/zdce-video"), help="what is measured")
    parser.add_argument("--authors", help="the authors' weights as safetensors, for two more rows")
    parser.add_argument("--stops", type=numbers, help="how much darker (2,4,6)")
    parser.add_argument("--crf", type=numbers, help="how the nights are compressed (18,28)")
    parser.add_argument("--clips", help="names of clips (all)")
    parser.add_argument("--methods", help="regular expression of methods (all)")
    arguments = parser.parse_args()
    METHODS = methods.methods(arguments.program, arguments.authors)
    WORK.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)

    names = arguments.clips.split(",") if arguments.clips else clips.names()
    labels = [label for label in METHODS if re.search(arguments.methods or "", label)]
    nights = [(stops, crf) for stops in arguments.stops or (2, 4, 6) for crf in arguments.crf or (18, 28)]
    is_document = not (arguments.stops or arguments.crf or arguments.clips or arguments.methods)
    # The processes inherit METHODS, whose functions cannot be sent to them. Motion first: nights of a clip share it.
    with ProcessPoolExecutor(min(os.cpu_count(), len(names)), multiprocessing.get_context("fork")) as pool:
        list(pool.map(prepare, names))
        tasks = [(name, *night) for name in names for night in nights]
        futures = [pool.submit(measure, *task, chosen(labels, *task[1:], is_document)) for task in tasks]
        results = {task: future.result() for task, future in zip(tasks, futures)}
    figures = {task: result[0] for task, result in results.items()}
    if not is_document:
        for stops, crf in nights:
            print(f"\n{stops} stops, CRF {crf}")
            print(report.table(figures, names, [(stops, crf)]), "\n")
            print(report.by_clip(figures, names, [(stops, crf)]))
        return
    pictures = {task[0]: result[1] for task, result in results.items() if task[1:] == report.NIGHT}
    daylight = {name: cost.daylight(arguments.program, str(clips.FOOTAGE / file)) for name, (file, _) in clips.VIDEOS.items()}
    pictures_alone = stills.measure(arguments.program, arguments.authors, truth, names)
    engine = cost.engine(arguments.program)
    files = cost.file_to_file(arguments.program, WORK)
    report.write(clips.ROOT / "docs", figures, names, pictures, pictures_alone, daylight, engine, files)


def chosen(labels, stops, crf, is_document):
    """The methods to run on a night: all on one of them, for the document; else time is short."""
    return labels if (stops, crf) == report.NIGHT or not is_document else [l for l in labels if l in methods.ESSENTIAL]


def prepare(name):
    truth(name)


if __name__ == "__main__":
    main()
