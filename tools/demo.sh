#!/bin/sh
# The main job, as a new user meets it: a project is written, then its real workflow runs on every Python of its matrix.
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
