#!/bin/sh
# make bench: builds the probes, then measures. Arguments: the build folder, then names of figures (none: all).
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
[ $# -gt 0 ] && shift
ninja --quiet -C "$build" slipway bench_sandbox_start
exec python3 bench/bench.py "$build" "$@"
