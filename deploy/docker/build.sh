#!/usr/bin/env bash
# Builds the image of firedrill from this tree. Needs Node and npm here; what runs in the image is Node from NODE_IMAGE and this program.
# usage: build.sh [image name] [option of docker build...]     such as: build.sh firedrill:0.1.0 --build-arg UID=1001
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

image="${1:-firedrill}"
shift || true
context="$(mktemp -d)"
trap 'rm -rf "$context"' EXIT

npm run --silent build
mkdir "$context/app"
cp -R dist docs package.json package-lock.json README.md LICENSE "$context/app/"
# Without what only development needs; native parts are those of this machine's processor.
(cd "$context/app" && npm ci --omit=dev --no-audit --no-fund --ignore-scripts --loglevel=error)
chmod -R a+rX "$context/app"
docker build --quiet -f deploy/docker/Dockerfile -t "$image" "$@" "$context"
