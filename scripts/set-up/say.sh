# Plain lines, and failures that say what to do next. Sourced from the repository's root.

state_folder="${FIREDRILL_STATE:-$PWD/.firedrill}"

say() {
  printf 'set-up: %s\n' "$*"
}

# what happened, what to do
fail() {
  printf 'set-up failed: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

# Runs a command with its output in a log; when it fails, shows the log's end and says why, as far as the log tells.
# what it does (an infinitive), the log's name, the command …
logged() {
  local what="$1" log="$state_folder/logs/$2.log"
  shift 2
  mkdir -p "$state_folder/logs"
  if "$@" > "$log" 2>&1 < /dev/null; then return; fi
  tail -n 15 "$log" | sed 's/^/  | /' >&2
  fail "could not $what" "$(advice "$log")"
}

# The next step, judged by a log.
advice() {
  if grep -qiE 'no space left|not enough free space|ENOSPC' "$1"; then
    echo "Free some space (see: df -h), then run the command again."
  elif grep -qiE 'could not resolve|temporary failure|failed to fetch|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|connection (refused|timed out)|unreachable' "$1"; then
    echo "Check this machine's network and proxy settings, then run the command again."
  elif grep -qiE 'could not get lock|unable to (acquire|lock)' "$1"; then
    echo "Another package manager is at work. Wait until it has finished, then run the command again."
  else
    echo "Read $1, mend the cause, then run the command again."
  fi
}
