#!/bin/bash
# Unpacks images with a containerd of its own, inside namespaces that vanish with this script: their files onto WORK/images.img, which all nodes
# share and none writes to, and what containerd knows of them onto WORK/node.img, of which each node gets a copy.
# Arguments: WORK CONTAINERD CTR. WORK/archives lists the image archives, one per line.
set -euo pipefail
# The users of pods are not root, and have to be able to read what is unpacked here.
umask 022
work=$1 containerd=$2 ctr=$3
# Sockets cannot have long paths, and the cache may have one: in this mount namespace /run is ours.
run=/run
mkdir "$work"/{disk,images}
mount -o loop,noatime,nobarrier "$work/node.img" "$work/disk"
mount -o loop,noatime,nobarrier "$work/images.img" "$work/images"
snapshots=$work/disk/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots
mount -t tmpfs -o mode=700 tmpfs "$run"
mkdir -p "$snapshots"
mount --bind "$work/images" "$snapshots"
cat >"$run/config.toml" <<TOML
version = 3
root = "$work/disk/containerd"
state = "$run/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime", "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]
[grpc]
address = "$run/containerd.sock"
TOML
"$containerd" --config "$run/config.toml" >"$run/log" 2>&1 &
pid=$!
until [ -S "$run/containerd.sock" ]; do
  kill -0 "$pid" || { tail -n 5 "$run/log" >&2 && exit 1; }
  read -rt 0.02 <> <(:) || true
done
while read -r archive; do
  "$ctr" --address "$run/containerd.sock" --namespace k8s.io images import "$archive" >&2
done <"$work/archives"
# Packed layers are of no more use once they are unpacked, and would be copied to every node.
"$ctr" --address "$run/containerd.sock" --namespace k8s.io content prune references >&2
kill "$pid"
wait "$pid" || true
umount "$snapshots"
# Where a node finds them (node-init.sh).
for path in "$work"/images/[0-9]*; do ln -s "/opt/firedrill/images/${path##*/}" "$snapshots/"; done
# What was packed has left its blocks behind, and a copy would take them for files.
fstrim "$work/disk"
umount "$work/images" "$work/disk"
