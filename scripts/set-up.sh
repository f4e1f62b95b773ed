#!/usr/bin/env bash
# Makes a Debian or Ubuntu machine ready for the demo or the tests: Node's packages, the Docker Engine, tools, images.
# Says what it does; safe to run again; changes nothing when all is there. Needs only Node 20 or newer and npm.
# usage: set-up.sh demo|test
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PATH:/usr/sbin:/sbin"
. scripts/set-up/say.sh
. scripts/set-up/privilege.sh
. scripts/set-up/packages.sh
. scripts/set-up/modules.sh
. scripts/set-up/engine.sh
. scripts/set-up/chromium.sh
. scripts/set-up/promtool.sh

purpose="${1:-}"
case "$purpose" in
  demo | test) ;;
  *) fail "usage: set-up.sh demo|test" "Run: npm run demo, or npm test" ;;
esac

mkdir -p "$state_folder/logs"
# Two set-ups at once would build the same things twice; the lock goes with the process.
exec 9> "$state_folder/set-up.lock"
flock 9

install_modules
# From here on `node` is the one of the project, also when this script is called by hand.
export PATH="$PWD/node_modules/.bin:$PATH"
start_engine
if [ "$purpose" = test ]; then
  need_tool sshd openssh-server
  need_package fonts-dejavu-core
  need_tool zstd zstd
  need_tool openssl openssl
  need_tool systemd-analyze systemd
  need_package ansible-core
  need_package ansible-lint
  need_chromium
  install_needed
  need_promtool
fi
scripts/with-docker.sh node scripts/images.ts
say "ready"
