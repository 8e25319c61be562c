#!/bin/bash
# The first process of an embedded node. It builds the node's root, starts what a node runs, and then takes commands,
# one per line, on standard input: `start NAME` and `stop NAME` for containerd, kubelet, kube-proxy. The end of its
# input is the end of the node, so that no node outlives its supervisor.
#
# Environment: NODE_NAME NODE_DIR NODE_ADDRESS NODE_LABELS STATE_ROOT MACHINE_ID, CGROUP_PROCS (files, joined by
# colons) and BINARIES (name=path, joined by colons).
set -euo pipefail
# What a node makes is for its pods to read, whose users are not root; the user who started us may keep everything to himself.
umask 022

# /proc is still the outer one here, so this is the pid that the supervisor knows us by. No subshell may ask: it would
# be told its own.
read -r outer_pid _ </proc/self/stat

IFS=: read -ra procs_files <<<"$CGROUP_PROCS"
for file in "${procs_files[@]}"; do echo 0 >"$file"; done

disk=$NODE_DIR/disk root=$NODE_DIR/root
mkdir -p "$disk" "$root"
# A cut of this node's power loses no page of the host's cache, so waiting for the host's disk would protect nothing.
mount -o loop,noatime,nobarrier "$NODE_DIR/disk.img" "$disk"
mkdir -p "$disk"/{upper/etc/cni/net.d,work,kubelet,containerd,log,local-volumes}
echo "$NODE_NAME" >"$disk/upper/etc/hostname"
echo "$MACHINE_ID" >"$disk/upper/etc/machine-id"
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$NODE_NAME" >"$disk/upper/etc/hosts"
: >"$disk/upper/etc/resolv.conf"
cp "$NODE_DIR/config/cni.conflist" "$disk/upper/etc/cni/net.d/10-firedrill.conflist"

mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" "$root"
# The cluster has IPv4 addresses alone. A kubelet and a kube-proxy that find these programs keep a second set of rules.
rm -f "$root"/{usr/,}sbin/ip6tables*
mkdir -p "$root"/{proc,sys,dev,run,tmp,.outer,opt/firedrill/{bin,config},var/lib/{kubelet,containerd},var/log}
mkdir -p "$root"/{opt/firedrill/{images,logs},var/lib/firedrill/shared,var/lib/firedrill/local}
mount -t proc proc "$root/proc"
# A kubelet of x64 does not start where no clock speed is told, as some virtual processors tell none.
if [ "$(uname -m)" = x86_64 ] && ! grep -q '^cpu MHz' /proc/cpuinfo; then
  sed '/^processor/a cpu MHz\t\t: 1000.000' /proc/cpuinfo >"$disk/cpuinfo"
  mount --bind "$disk/cpuinfo" "$root/proc/cpuinfo"
fi
# A kubelet changes settings of the kernel that are not as it wants them, and they are the host's. It is shown that all are well.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  shown=$disk/settings/${setting%%=*} real=$root/proc/sys/${setting%%=*}
  [ -e "$real" ] || continue
  mkdir -p "${shown%/*}"
  echo "${setting#*=}" >"$shown"
  mount --bind "$shown" "$real"
done
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/run/lock"
mount --bind "$disk/kubelet" "$root/var/lib/kubelet"
mount --bind "$disk/containerd" "$root/var/lib/containerd"
mount --bind "$disk/log" "$root/var/log"
mount --bind "$disk/local-volumes" "$root/var/lib/firedrill/local"
mount --bind "$NODE_DIR/config" "$root/opt/firedrill/config"
mount --bind "$NODE_DIR/logs" "$root/opt/firedrill/logs"
mount --bind "$NODE_DIR/../../images" "$root/opt/firedrill/images"
mount --bind "$NODE_DIR/../../shared" "$root/var/lib/firedrill/shared"
IFS=: read -ra binaries <<<"$BINARIES"
for binary in "${binaries[@]}"; do
  target=$root/opt/firedrill/bin/${binary%%=*}
  [ -e "$target" ] || : >"$target"
  mount --bind "${binary#*=}" "$target"
done
# The state of the cluster holds its keys; a node sees nothing of it but what was bound above.
mkdir -p "$root$STATE_ROOT"
mount -t tmpfs -o mode=700 tmpfs "$root$STATE_ROOT"

cd "$root"
pivot_root . .outer
cd /
umount -l /.outer
mount --make-rshared /run
mount --make-rshared /var/lib/kubelet
mount --make-rshared /var/lib/containerd
hostname "$NODE_NAME"
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward

export PATH=/opt/firedrill/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
bin=/opt/firedrill/bin config=/opt/firedrill/config logs=/opt/firedrill/logs
declare -A pids=()

# Starts a program again when it ends, as a service manager would, until it is told to stop.
keep() {
  local name=$1
  shift
  while :; do
    "$@" >>"$logs/$name.log" 2>&1 </dev/null &
    local pid=$!
    trap 'kill -KILL $pid 2>/dev/null; exit 0' TERM
    wait "$pid" || echo "node-init: $name ended with code $?" >>"$logs/$name.log"
    sleep 0.3
  done
}

start() {
  local name=$1
  [ -z "${pids[$name]:-}" ] || return 0
  case $name in
  containerd) keep containerd "$bin/containerd" --config "$config/containerd.toml" & ;;
  kubelet) keep kubelet "$bin/kubelet" --config "$config/kubelet.yaml" --kubeconfig "$config/kubelet.kubeconfig" \
    --hostname-override "$NODE_NAME" --node-ip "$NODE_ADDRESS" --node-labels "$NODE_LABELS" \
    --root-dir /var/lib/kubelet --cert-dir /var/lib/kubelet/pki --v=1 & ;;
  kube-proxy) keep kube-proxy "$bin/kube-proxy" --config "$config/kube-proxy.yaml" --hostname-override "$NODE_NAME" --v=1 & ;;
  *) echo "node-init: unknown program $name" && return 0 ;;
  esac
  pids[$name]=$!
}

stop() {
  local name=$1
  [ -n "${pids[$name]:-}" ] || return 0
  kill -TERM "${pids[$name]}" || true
  wait "${pids[$name]}" || true
  unset "pids[$name]"
}

start containerd
echo "booted $outer_pid"
while read -r verb what; do
  case $verb in
  start) start "$what" && echo "started $what" ;;
  stop) stop "$what" && echo "stopped $what" ;;
  *) echo "node-init: unknown verb $verb" ;;
  esac
done
