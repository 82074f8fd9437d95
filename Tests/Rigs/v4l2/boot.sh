#!/bin/sh
# boot.sh DIR RESULTS SCRIPT [ARGUMENT...]: runs SCRIPT in a virtual machine that has the kernel's virtual camera, vivid.
#
# DIR is what get-kernel.sh filled. The machine is emulated in software, has no disk and no network, and sees this
# machine's file system as its own, read only; RESULTS, which SCRIPT may write to, is /mnt there. SCRIPT's output is this
# script's, on standard output, and its exit status stands in RESULTS/status.
set -eu
kernel=$1 results=$2
shift 2
script=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir -p "$scratch/root/bin" "$scratch/root/modules"
cp /bin/busybox "$scratch/root/bin/"
cp "$kernel"/modules/* "$scratch/root/modules/"
cp "$here/init.sh" "$scratch/root/init"
echo "$script $*" >"$scratch/root/command"
(cd "$scratch/root" && find . | cpio --quiet -o -H newc) >"$scratch/initramfs"
rm -f "$results/status"

timeout --foreground --kill-after 5 "${BOOT_TIMEOUT:-170}" qemu-system-x86_64 \
  -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nodefaults -no-reboot -display none -serial stdio \
  -kernel "$kernel/vmlinuz" -initrd "$scratch/initramfs" -append "console=ttyS0 quiet panic=-1 mitigations=off" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -virtfs local,path="$results",mount_tag=results,security_model=none,multidevs=remap </dev/null
