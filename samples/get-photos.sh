#!/usr/bin/env bash
# Gets the free photographs that the built-in weights are trained on, into samples/photos/ (never committed).
#
# photos.tsv lists them: package, file, file inside where that is a Qt resource collection, licence as the package's
# copyright file has it, SHA-256. They were picked by eye from the pictures of these packages: no drawings, no cut-outs,
# nothing smaller than 128 pixels, and nothing whose licence only a catch-all entry gives. Nothing is installed; the
# packages are those of Debian 12. samples/photos/ATTRIBUTION.tsv says where each picture is from.
#
#   samples/get-photos.sh [FOLDER]     FOLDER (optional) holds .deb files that need not be downloaded again
set -euo pipefail
cd "$(dirname "$0")"
packages=$(grep -v '^#' photos.tsv | tail -n +2 | cut -f1 | sort -u)
cache=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in $packages; do
  archive=$(find "${cache:-$work}" -name "${package}_*.deb" -print -quit)
  if [ -z "$archive" ]; then
    echo "getting the Debian package $package"
    (cd "$work" && apt-get download -q "$package" >apt.log 2>&1 ||
      { cat apt.log; echo "apt-get update may help"; exit 1; } >&2)
    archive=$(find "$work" -name "${package}_*.deb" -print -quit)
  fi
  dpkg-deb --extract "$archive" "$work/$package"
done
rm -rf photos
python3 get-photos.py photos.tsv "$work" photos.part
mv photos.part photos
echo "$(ls photos | grep -vc ATTRIBUTION) photographs in samples/photos, sources and licences in samples/photos/ATTRIBUTION.tsv"
