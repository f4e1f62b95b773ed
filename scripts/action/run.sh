#!/usr/bin/env bash
# For GitHub Actions: runs a command that drills, and tells the job what came of it: the summary, annotations, and the
# outputs `verdict` and `report` (the report's folder). Ends with the command's own exit status.
# usage: run.sh <firedrill.yaml> <command> [argument …]
set -uo pipefail
config=$1
shift
main=$(dirname "${BASH_SOURCE[0]}")/../../dist/main.js
if [ ! -e "$main" ]; then main=$(dirname "${BASH_SOURCE[0]}")/../../src/main.ts; fi
firedrill() { node "$main" --config "$config" "$@"; }
output=$(mktemp)
trap 'rm -f "$output"' EXIT

"$@" | tee "$output"
status=${PIPESTATUS[0]}

# The last line of a drill: verdict: pass | rto: 48.3 of 1800 s | report: <folder>/report.html
line=$(tail -n 1 "$output")
if [[ $line =~ ^verdict:\ ([a-z]+)\ .*\ report:\ (.+)/report\.html$ ]]; then
  verdict=${BASH_REMATCH[1]} folder=${BASH_REMATCH[2]}
  printf 'verdict=%s\nreport=%s\n' "$verdict" "$folder" >> "$GITHUB_OUTPUT"
  id=$(basename "$folder")
  firedrill report summary "$id" >> "$GITHUB_STEP_SUMMARY" && firedrill report annotations "$id" || status=$((status ? status : 1))
else
  # Never silent, and never a pass: a drill that says nothing has shown nothing.
  if [ "$status" = 0 ]; then status=1; fi
  printf '::error title=firedrill::The drill ended with exit status %s and without a report: see its log\n' "$status"
fi
exit "$status"
