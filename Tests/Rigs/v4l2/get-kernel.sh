#!/bin/sh
# get-kernel.sh DIR: puts Debian's kernel and, in loading order, the modules that the virtual machine needs into DIR.
# Nothing is installed: the package is fetched and taken apart. Does nothing if DIR has them already.
set -eu
mkdir -p "$1"
cd "$1"
[ -f complete ] && exit 0

name() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)/\1/p' | head -1; }
fetch() { [ -n "$(name)" ] && apt-get download -qq "$(name)" 2>/dev/null; }
rm -rf fetched && mkdir fetched && cd fetched
# Lists of packages that are missing or old are no reason to fail.
fetch || { apt-get update -qq && fetch; } || {
  echo "get-kernel.sh: cannot fetch the kernel package $(name); is there a Debian mirror in apt's sources?" >&2
  exit 1
}
dpkg-deb --fsys-tarfile ./*.deb | tar -x ./boot ./lib/modules
cd ..

release=$(ls fetched/lib/modules)
/sbin/depmod -b fetched "$release"
rm -rf modules && mkdir modules
: >modules/order
for module in virtio_pci 9pnet_virtio 9p vivid; do
  /sbin/modprobe -d "$PWD/fetched" -S "$release" --show-depends "$module" | awk '{ print $2 }'
done | awk '!seen[$0]++' | while read -r file; do
  cp "$file" modules/
  basename "$file" >>modules/order
done
cp "fetched/boot/vmlinuz-$release" vmlinuz
rm -rf fetched
touch complete
