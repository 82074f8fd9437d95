#!/usr/bin/env bash
# Enhances the sample footage with the program given as argument; leaves videos and before/after pictures in demo/.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
mkdir -p demo

# enhance CLIP RESULT SECOND: the clip, and one of its frames before and after, side by side.
enhance() {
  echo "== $1"
  "$program" enhance "samples/footage/$1" -o "demo/$2" -y --report "demo/${2%.*}.csv"
  ffmpeg -nostdin -v error -y -ss "$3" -i "samples/footage/$1" -ss "$3" -i "demo/$2" \
    -filter_complex '[0:v][1:v]hstack' -frames:v 1 -update 1 "demo/${2%.*}-before-after.png"
}
enhance vtest-dark.mp4 vtest-dark.mp4 5
enhance city.mpg city.mp4 3
"$program" enhance samples/footage/vtest-dark.mp4 -o demo/vtest-dark-split.mp4 -y --compare split
echo
echo "Look at demo/vtest-dark-before-after.png and demo/city-before-after.png; every frame is in demo/*.csv."
echo "The city is well lit, and what is well lit stays as it is; --when always changes it all the same."
