# Node's packages. Sourced; needs say.sh.

install_modules() {
  # `npm ci` replaces node_modules, so nothing that runs here may come from there.
  local PATH="$(path_without_modules)" major
  major="$(node -p 'process.versions.node.split(".")[0]' 2> /dev/null)" || major=0
  [ "$major" -ge 20 ] || fail "Node 20 or newer is needed" "Install Node 20 or newer, then run the command again."
  if node scripts/set-up/modules-current.mjs; then return; fi
  require_space . 1000
  say "installing Node's packages (npm ci)"
  # No package's install script is run, but for the one that fetches Node 24.
  logged "install Node's packages" npm-ci npm ci --ignore-scripts --no-audit --no-fund
  logged "install Node 24" npm-node npm rebuild node --ignore-scripts=false --no-audit --no-fund
  node scripts/set-up/modules-current.mjs || fail "Node's packages are still not as in package-lock.json" "Remove node_modules, then run the command again."
}

path_without_modules() {
  tr ':' '\n' <<< "$PATH" | grep -v 'node_modules/\.bin$' | paste -sd:
}
