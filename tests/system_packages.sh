#!/bin/sh
# Installs packages of the system that tests run programs of: Debian and its like, as root.
# usage: sh tests/system_packages.sh PACKAGE...
# Elsewhere it says what is missing, and ends well: the tests then say what they could not run.
set -eu
missing=""
for package in "$@"; do
    if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed"; then
        missing="$missing $package"
    fi
done
if [ -z "$missing" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "not installed, and not to be installed here (that takes apt-get and root):$missing"
    exit 0
fi
# One at a time: `make --jobs` may want browser and engines at once.
exec 9<"$0"
flock 9
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of names
apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 || {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
