#!/bin/busybox sh
# The first and only process of the virtual machine that boot.sh starts.
/bin/busybox mkdir -p /sbin /proc /sys /host
/bin/busybox --install -s /bin
export PATH=/bin:/sbin
mount -t proc none /proc
mount -t sysfs none /sys
# The camera alone, with one input, which is a webcam: no radio, no teletext.
while read -r module; do
  case $module in
  vivid.ko) insmod "/modules/$module" n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0 ;;
  *) insmod "/modules/$module" ;;
  esac
done </modules/order
share=trans=virtio,version=9p2000.L,msize=1048576
mount -t 9p -o "$share,ro,cache=loose" host /host
mount -t 9p -o "$share" results /host/mnt
mount -t devtmpfs none /host/dev
mount -t proc none /host/proc
mount -t sysfs none /host/sys
mkdir -p /host/dev/shm
mount -t tmpfs none /host/dev/shm
ifconfig lo 127.0.0.1
read -r command </command
chroot /host /bin/sh -c "export PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/dev/shm TMPDIR=/dev/shm; cd /mnt; $command"
echo $? >/host/mnt/status
umount /host/mnt
poweroff -f
