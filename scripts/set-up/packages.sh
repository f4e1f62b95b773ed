# Packages of Debian or Ubuntu. Collects what is missing, then installs it in one go. Sourced; needs say.sh, privilege.sh.

needed_packages=()

# A package, when the tool is not there.
need_tool() {
  command -v "$1" > /dev/null || needed_packages+=("$2")
}

need_package() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ] || needed_packages+=("$1")
}

install_needed() {
  [ ${#needed_packages[@]} -gt 0 ] || return 0
  require_apt
  require_space /usr 1500
  need_sudo
  say "installing ${needed_packages[*]}"
  update_lists
  local had_sshd=no
  ! command -v sshd > /dev/null || had_sshd=yes
  logged "install ${needed_packages[*]}" apt-install apt_get install -y --no-install-recommends "${needed_packages[@]}"
  if [[ " ${needed_packages[*]} " == *" openssh-server "* ]] && [ $had_sshd = no ]; then keep_sshd_off; fi
  needed_packages=()
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 "$@" 9>&-
}

# Once in a run. A list that could not be fetched is not fatal: the packages may be known already.
update_lists() {
  [ -z "${lists_updated:-}" ] || return 0
  logged "fetch the package lists" apt-update apt_get update
  lists_updated=yes
}

# The tests start their own server on loopback; installing the package must not open this machine to logins.
keep_sshd_off() {
  [ -d /run/systemd/system ] || return 0
  say "turning the newly installed SSH service off: the tests start their own"
  # Which of the two exists depends on the release.
  as_root systemctl disable --now ssh.service ssh.socket > /dev/null 2>&1 || true
}

require_apt() {
  command -v apt-get > /dev/null && command -v dpkg > /dev/null && return
  local name
  name="$(. /etc/os-release 2> /dev/null && echo "${PRETTY_NAME:-}")"
  fail "${name:-this system} is not supported: this set-up knows Debian and Ubuntu only${needed_packages:+; missing: ${needed_packages[*]}}" \
    "Use a Debian or Ubuntu machine, or install what is missing yourself and run the command again."
}

# path, MiB
require_space() {
  local free
  free="$(df -Pm "$1" | awk 'NR == 2 { print $4 }')"
  [ "$free" -ge "$2" ] || fail "only $free MiB are free in $1, and $2 MiB are needed" "Free some space, then run the command again."
}
