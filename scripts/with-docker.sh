#!/usr/bin/env bash
# Runs a command with access to the Docker Engine. A user who may use sudo but is not in the group `docker` gets that group
# for this one command; nothing is changed on the machine, and files stay the user's own.
# usage: with-docker.sh <command> [argument …]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/set-up/say.sh"
. "$(dirname "${BASH_SOURCE[0]}")/set-up/privilege.sh"
export PATH="$PATH:/usr/sbin:/sbin"
socket=/var/run/docker.sock

if [ "$(id -u)" = 0 ] || [ ! -S $socket ] || [ -w $socket ]; then exec "$@"; fi
need_sudo
kept=()
for name in PATH HOME USER LANG TERM CI FIREDRILL_STATE FIREDRILL_IMAGES FIREDRILL_KILLS FIREDRILL_POINTS FIREDRILL_SEED NODE_EXTRA_CA_CERTS; do
  if [ -n "${!name:-}" ]; then kept+=("$name=${!name}"); fi
done
groups="$(id -G | tr ' ' ','),$(stat -c %g $socket)"
exec sudo env -i "${kept[@]}" setpriv --reuid "$(id -u)" --regid "$(id -g)" --groups "$groups" "$@"
