#!/bin/sh
# The main job, as a new user meets it: a project is written, then what a push of main would start runs, on every service and Python.
set -eu
slipway=$(realpath "$1")
dir=$(mktemp -d "${TMPDIR:-/tmp}/slipway-demo.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"
echo "\$ slipway new py-skeleton --like-seed"
"$slipway" new py-skeleton --like-seed --yes
cd py-skeleton
echo
echo "\$ slipway ci push --branch main"
"$slipway" ci push --branch main
