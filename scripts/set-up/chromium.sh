# A browser for the tests of the report. Sourced; needs say, privilege, packages.

need_chromium() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" > /dev/null && "$name" --version > /dev/null 2>&1; then return; fi
  done
  if ! is_ubuntu; then
    needed_packages+=(chromium)
    return
  fi
  # Ubuntu's package is an empty one that points to the snap.
  command -v snap > /dev/null || fail "the tests need Chromium, which Ubuntu offers as a snap only, and there is no snap here" \
    "Install Chromium or Google Chrome so that it is found as chromium or google-chrome, then run the command again."
  say "installing chromium (a snap)"
  logged "install the snap chromium" snap-chromium as_root snap install chromium
}

is_ubuntu() {
  (. /etc/os-release 2> /dev/null && [[ " ${ID:-} ${ID_LIKE:-} " == *" ubuntu "* ]])
}
