#!/usr/bin/env bash
# Starts dockerd in the background, as root, on a machine without systemd, and waits until it answers.
# usage: start-dockerd.sh <log file>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/set-up/say.sh
log="$1"
deadline_seconds=60

mount_cgroups() {
  if mountpoint -q /sys/fs/cgroup; then return; fi
  mkdir -p /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
}

# One that the package's own start script, or somebody else, has just started.
wait_for_running() {
  local pid
  pid="$(cat /var/run/docker.pid 2> /dev/null)" && [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = dockerd ] || return 1
  for _ in $(seq $((deadline_seconds * 5))); do
    if docker version > /dev/null 2>&1; then return 0; fi
    [ -d "/proc/$pid" ] || return 1
    sleep 0.2
  done
  return 1
}

# Options of dockerd; 0 when it answers, 1 when it ended or stayed silent.
try_dockerd() {
  : > "$log"
  setsid nohup dockerd "$@" >> "$log" 2>&1 < /dev/null &
  local pid=$!
  for _ in $(seq $((deadline_seconds * 5))); do
    if docker version > /dev/null 2>&1; then return 0; fi
    kill -0 $pid 2> /dev/null || return 1
    sleep 0.2
  done
  kill $pid 2> /dev/null || true
  wait $pid 2> /dev/null || true
  return 1
}

mount_cgroups || say "control groups could not be mounted; trying without"
options=()
if wait_for_running; then exit 0; fi
if try_dockerd; then exit 0; fi
# Old kernels, nested overlays and kernels without NAT: what is lost is speed, and the sources' way out, not the demo.
if grep -qiE 'overlay|graphdriver|storage.driver' "$log"; then
  say "overlay storage does not work here: using vfs, which is slower and needs more space"
  options+=(--storage-driver=vfs)
fi
if grep -qiE 'iptables|nat chain|nftables' "$log"; then
  say "the kernel offers no NAT: containers get no way out"
  options+=(--iptables=false --ip6tables=false)
fi
if [ ${#options[@]} -gt 0 ] && try_dockerd "${options[@]}"; then exit 0; fi
tail -n 15 "$log" | sed 's/^/  | /' >&2
fail "the Docker Engine did not start within $deadline_seconds s" "Read $log, or start Docker yourself and run the command again."
