#!/bin/sh
# promtool.sh ARGUMENT...: runs promtool, Prometheus's own judge of metrics, out of Debian's package.
# The package is taken apart in .build, not installed: it would start a server at once and with every boot.
set -eu
folder=$(dirname "$(realpath "$0")")/../../.build/promtool
mkdir -p "$folder"
cd "$folder"
(
  flock 9
  [ -x promtool ] && exit 0
  rm -f ./*.deb
  apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }
  dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components 3 ./usr/bin/promtool
  rm -f ./*.deb
) 9>lock >&2
exec ./promtool "$@"
