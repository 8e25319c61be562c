#!/bin/bash
# Unpacks images onto the disk WORK/disk.img with a containerd of its own, inside namespaces that vanish with this script.
# Arguments: WORK CONTAINERD CTR. WORK/archives lists the image archives, one per line.
set -euo pipefail
# The users of pods are not root, and have to be able to read what is unpacked here.
umask 022
work=$1 containerd=$2 ctr=$3
# Sockets cannot have long paths, and the cache may have one: in this mount namespace /run is ours.
run=/run
mkdir -p "$work/disk"
mount -o loop,noatime,nobarrier "$work/disk.img" "$work/disk"
mount -t tmpfs -o mode=700 tmpfs "$run"
mkdir -p "$work/disk/containerd"
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
umount "$work/disk"
