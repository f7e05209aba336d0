#!/bin/sh
# make coverage: lines run by the unit tests, by room. Reads what gcov says of every object of the build.
set -eu
build=$(realpath "$1")
cd "$(dirname "$0")/.."
for room in core sys doc event trigger plan provider store sandbox engine scaffold sink; do
    find "$build/src/$room" "$build/src/$room".* -name '*.gcda' 2>/dev/null | sort -u | while read -r data; do
        (cd "$build" && gcov -n "$data" 2>/dev/null) | awk -v room="/src/$room/" '
            /^File/ { ours = index($0, room) && /\.c.$/ }
            ours && /^Lines executed/ { sub(/.*:/, ""); split($0, x, "% of "); print x[1] / 100 * x[2], x[2]; ours = 0 }'
    done | awk -v room="$room" '{ hit += $1; all += $2 } END { if (all) printf "%-10s %5.1f %% of %d lines\n", room, 100 * hit / all, all }'
done
