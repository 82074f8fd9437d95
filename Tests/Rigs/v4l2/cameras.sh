#!/bin/sh
# cameras.sh PROGRAM: what the tests of v4l2 cameras do in the virtual machine. Results are left in /mnt, for V4L2Tests.
zdce=$1
cd /mnt || exit 1
driver=/sys/bus/platform/drivers/vivid

say() { echo "$(cut -d ' ' -f 1 /proc/uptime) $*"; }

# capture NAME OPTION...: records from the camera; NAME.mkv, .json, .err and .status tell how it went.
capture() {
  name=$1
  shift
  say "$name"
  "$zdce" live /dev/video0 "$@" -o "$name.mkv" --preset ultrafast --json --no-progress >"$name.json" 2>"$name.err" &
  echo $! >pid
  wait $!
  echo $? >"$name.status"
}

# grown FILE BYTES: waits until more than so much stands in it, half a minute at most.
grown() {
  for _ in $(seq 60); do
    [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$2" ] && return
    sleep 0.5
  done
  say "$1 does not grow"
}

# By way of memory: each line is a write of its own, and /mnt is far away.
"$zdce" live --list-devices >/dev/shm/devices.txt 2>&1
"$zdce" live --list-devices --json >/dev/shm/devices.json
cp /dev/shm/devices.* .
# The emulated machine enhances a frame or two in a second; what is tested with --strength 0 is the camera.
capture yuyv --input-format yuyv422 --video-size 320x180 --framerate 15 --frames 5
capture nv12 --input-format nv12 --video-size 640x360 --framerate 10 --frames 10 --strength 0
capture any --video-size 640x480 --frames 5 --strength 0
capture large --input-format nv12 --video-size 1280x720 --framerate 5 --frames 5 --strength 0
capture nosize --video-size 123x45 --frames 5 --give-up-after 2s
capture nomjpeg --input-format mjpeg --frames 5 --give-up-after 2s

# Unplugged for good, while capturing.
capture unplugged --input-format yuyv422 --video-size 320x180 --framerate 10 --strength 0 --give-up-after 3s &
grown unplugged.mkv 4000
echo vivid.0 >$driver/unbind
wait
ls /dev/video0 >unplugged.ls 2>&1
say "plugged in again"
echo vivid.0 >$driver/bind

# Unplugged, and plugged in again while the program waits; then ended by a signal.
capture replugged --input-format yuyv422 --video-size 320x180 --framerate 10 --strength 0 --reconnect-max-delay 1s &
grown replugged.mkv 4000
echo vivid.0 >$driver/unbind
sleep 2
before=$(stat -c %s replugged.mkv)
echo vivid.0 >$driver/bind
grown replugged.mkv $((before + 4000))
kill -TERM "$(cat pid)"
wait
say "done"
