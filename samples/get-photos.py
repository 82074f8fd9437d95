#!/usr/bin/env python3
"""Takes the pictures that a list names out of unpacked Debian packages. See get-photos.sh.

usage: get-photos.py LIST.tsv UNPACKED TARGET

UNPACKED/PACKAGE is the root of each package. Python's standard library only.
"""
import csv
import hashlib
import os
import struct
import sys
import zlib


def resources(data):
    """The files of a Qt resource collection (.rcc): {path: bytes}.

    Header: "qres", version, offsets of tree, data and names, big-endian. Tree entries: offset of the name, flags
    (1 zlib, 2 folder, 4 zstd); then count and first child, or locale and offset of the data; from version 2 on also a
    time of 8 bytes. Source: Qt, qtbase/src/tools/rcc/rcc.cpp.
    """
    if data[:4] != b"qres":
        raise ValueError("no Qt resource file")
    version, tree, start, names = struct.unpack(">4I", data[4:20])
    size = 14 + (8 if version >= 2 else 0)
    files = {}

    def walk(index, path):
        entry = tree + index * size
        name, flags = struct.unpack(">IH", data[entry : entry + 6])
        if index:
            length = struct.unpack(">H", data[names + name : names + name + 2])[0]
            path += "/" + data[names + name + 6 : names + name + 6 + 2 * length].decode("utf-16-be")
        if flags & 2:
            count, first = struct.unpack(">II", data[entry + 6 : entry + 14])
            for child in range(first, first + count):
                walk(child, path)
        elif not flags & 4:
            at = start + struct.unpack(">I", data[entry + 10 : entry + 14])[0]
            length = struct.unpack(">I", data[at : at + 4])[0]
            content = data[at + 4 : at + 4 + length]
            files[path] = zlib.decompress(content[4:]) if flags & 1 else content

    walk(0, "")
    return files


def main(listing, unpacked, target):
    collections, lines, changed = {}, [], 0
    os.makedirs(target, exist_ok=True)
    with open(listing, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
    for number, row in enumerate(rows):
        path = f"{unpacked}/{row['package']}{row['file']}"
        if row["inside"]:
            if path not in collections:
                with open(path, "rb") as file:
                    collections[path] = resources(file.read())
            content = collections[path][row["inside"]]
        else:
            with open(path, "rb") as file:
                content = file.read()
        extension = os.path.splitext(row["inside"] or row["file"])[1].lower()
        name = f"{number:03}-{row['package']}{extension}"
        if hashlib.sha256(content).hexdigest() != row["sha256"]:
            changed += 1
            print(f"get-photos: {name} is not the file that the list means", file=sys.stderr)
        with open(f"{target}/{name}", "wb") as file:
            file.write(content)
        source = row["file"] + (":" + row["inside"] if row["inside"] else "")
        lines.append("\t".join((name, row["package"], source, row["licence"])))
    with open(f"{target}/ATTRIBUTION.tsv", "w", encoding="utf-8") as file:
        file.write("photo\tpackage\tfile\tlicence\n" + "\n".join(lines) + "\n")
    if changed:
        print(f"get-photos: {changed} differ from the list: trained weights will differ too", file=sys.stderr)


main(*sys.argv[1:])
