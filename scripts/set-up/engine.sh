# The Docker Engine: installed when missing, started when it does not run. Sourced; needs say, privilege, packages.

# The engine of this machine, whatever the user's Docker context says: the program uses the same.
export DOCKER_HOST=unix:///var/run/docker.sock

start_engine() {
  if engine_answers; then return; fi
  if ! command -v dockerd > /dev/null || ! command -v docker > /dev/null; then
    install_engine
    if engine_answers; then return; fi
  fi
  # Not a member of the group `docker`: with-docker.sh sees to it.
  if [ "$(id -u)" != 0 ] && [ -S /var/run/docker.sock ] && as_root timeout 20 docker version > /dev/null 2>&1; then return; fi
  need_sudo
  if [ -d /run/systemd/system ]; then
    say "starting the Docker Engine"
    logged "start the Docker Engine (see: journalctl -u docker)" systemctl-docker as_root systemctl start docker
    as_root timeout 60 docker version > /dev/null || fail "the Docker Engine was started but does not answer" "Run: sudo journalctl -u docker -n 50"
  else
    say "starting the Docker Engine in the background (log: $state_folder/logs/dockerd.log)"
    as_root bash scripts/set-up/start-dockerd.sh "$state_folder/logs/dockerd.log" 9>&-
  fi
}

engine_answers() {
  command -v docker > /dev/null && timeout 20 docker version > /dev/null 2>&1
}

install_engine() {
  needed_packages+=(docker.io iptables)
  require_apt
  need_sudo
  # The command-line client is a package of its own from Debian 13 on.
  update_lists
  if apt-cache show docker-cli > /dev/null 2>&1; then needed_packages+=(docker-cli); fi
  require_space /var/lib 3000
  install_needed
}
