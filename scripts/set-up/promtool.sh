# Debian's promtool, which judges the alert rules; without the Prometheus server that its package would start. Sourced; needs say,
# privilege, packages.

need_promtool() {
  command -v promtool > /dev/null || [ -x "$state_folder/bin/promtool" ] || fetch_promtool
}

fetch_promtool() {
  require_apt
  require_space "$state_folder" 300
  if ! apt-cache show prometheus > /dev/null 2>&1; then
    need_sudo
    update_lists
  fi
  say "fetching promtool"
  logged "fetch promtool" promtool unpack_promtool
}

unpack_promtool() (
  set -e
  folder="$(mktemp -d "$state_folder/promtool.XXXXXX")"
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  apt-get -q download prometheus
  dpkg -x prometheus_*.deb unpacked
  mkdir -p "$state_folder/bin"
  mv unpacked/usr/bin/promtool "$state_folder/bin/promtool"
)
