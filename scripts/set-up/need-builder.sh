#!/usr/bin/env bash
# Installs what builds images from Debian's packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PATH:/usr/sbin:/sbin"
. scripts/set-up/say.sh
. scripts/set-up/privilege.sh
. scripts/set-up/packages.sh
require_space "$(docker info --format '{{.DockerRootDir}}' 2> /dev/null | xargs -r dirname || echo /var)" 3000
need_tool mmdebstrap mmdebstrap
# Ubuntu does not have the keys of Debian's archive.
need_package debian-archive-keyring
install_needed
