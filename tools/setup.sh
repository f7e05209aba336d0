#!/bin/sh
# Installs what is missing of tools/packages.txt for the purposes named: setup.sh build test. Asks nothing.
# As an ordinary user it uses sudo when that needs no password, else it says what to install and fails.
set -eu
list=$(dirname "$0")/packages.txt
missing=
for purpose in "$@"; do
    for package in $(awk -v p="$purpose" '$1 == p { print $2 }' "$list"); do
        case " $missing " in *" $package "*) continue ;; esac
        status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || :)
        [ "$status" = "install ok installed" ] || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "setup: this machine has no apt-get; install the like of:$missing" >&2; exit 3; }
run=
if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then run="sudo -n"; else
        echo "setup: missing packages; as root: apt-get install$missing" >&2
        exit 3
    fi
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$run apt-get -qq update >/dev/null 2>&1 || echo "setup: apt-get update failed; trying with the lists that are here" >&2
# shellcheck disable=SC2086
$run apt-get -qq install -y --no-install-recommends $missing >/dev/null
