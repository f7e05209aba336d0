#!/bin/sh
# make coverage: lines run by the unit tests, by room. Reads what gcov says of every object of the build; one that no
# test was linked with counts as not run.
set -eu
build=$(realpath "$1")
cd "$build"
find src -name '*.gcno' -exec gcov -n {} + 2>/dev/null | awk '
    /^File / { room = ""; if (match($0, /\.\.\/src\/[a-z]+\/.*\.c/)) { split(substr($0, RSTART), part, "/"); room = part[3] } }
    /^Lines executed/ && room {
        sub(/.*:/, ""); split($0, x, "% of "); hit[room] += x[1] / 100 * x[2]; lines[room] += x[2]; room = ""
    }
    END { for (room in lines) printf "%-10s %5.1f %% of %5d lines\n", room, 100 * hit[room] / lines[room], lines[room] }' |
    sort
