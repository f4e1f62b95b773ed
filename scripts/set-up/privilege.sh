# Root rights: as root, or through sudo. Sourced; needs say.sh.

# Runs a command as root.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    need_sudo
    sudo "$@"
  fi
}

# Asks for the password once, while there is a terminal and before any output goes into a log.
need_sudo() {
  if [ "$(id -u)" = 0 ] || sudo -n true 2> /dev/null; then return; fi
  command -v sudo > /dev/null || fail "this step needs root rights, and there is no sudo here" "Run the same command as root."
  if [ ! -t 0 ] && [ ! -t 2 ]; then
    fail "this step needs root rights, and sudo asks for a password but there is no terminal" \
      "Run it in a terminal or as root."
  fi
  say "root rights are needed: sudo may ask for your password"
  sudo -v || fail "sudo gave no root rights to $(id -un)" "Run the same command as root, or as a user who may use sudo."
}
