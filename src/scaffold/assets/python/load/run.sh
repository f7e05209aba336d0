#!/bin/sh
# Runs the load test against $TARGET; without one, starts the app and uses that.
# Exit status: 0 thresholds met, 1 broken, 3 the target did not answer.
set -eu
cd "$(dirname "$0")/.."
PY=${PY:-python3}
PORT=${PORT:-8000}

limit() {
    "$PY" -c 'import json, sys; print(json.load(open("load/thresholds.json"))[sys.argv[1]])' "$1"
}
answers() {
    "$PY" -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=1)' "$1" 2>/dev/null
}

"$PY" -c 'import locust' 2>/dev/null || {
    echo "locust is missing: $PY -m pip install --group load" >&2
    exit 3
}

app=
if [ -z "${TARGET:-}" ]; then
    TARGET=http://127.0.0.1:$PORT
    no_proxy=127.0.0.1${no_proxy:+,$no_proxy}
    export no_proxy
    PYTHONPATH=src PORT=$PORT "$PY" -m @{package}.app &
    app=$!
    trap 'kill "$app" 2>/dev/null || :' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
fi

i=0
until answers "$TARGET/healthz"; do
    i=$((i + 1))
    if [ -n "$app" ] && ! kill -0 "$app" 2>/dev/null; then
        echo "the app did not start on port $PORT" >&2
        exit 3
    fi
    [ "$i" -lt 50 ] || {
        echo "no answer from $TARGET" >&2
        exit 3
    }
    sleep 0.2
done

mkdir -p load/out
"$PY" -m locust --headless -f load/locustfile.py --host "$TARGET" \
    --users "${USERS:-$(limit users)}" --spawn-rate "$(limit spawn_rate)" \
    --run-time "${DURATION:-$(limit duration_s)s}" --only-summary \
    --html load/out/report.html --csv load/out/stats
