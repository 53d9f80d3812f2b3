#!/bin/sh
# Brings the real programs that tests run against: Prometheus, promtool and Alertmanager.
# Where apt-get exists their Debian packages are downloaded and unpacked into .cache/parts: nothing is installed,
# no service starts, and a machine that has them already is left as it is. What could not be had is said by name,
# and is no failure here: the tests that need it skip and say so (or fail where REQUIRE_REAL_PARTS=1 promised it).
set -u
cd "$(dirname "$0")/../.." || exit 1
cache=$PWD/.cache/parts
PATH=$PATH:$cache/usr/bin
reason='this machine has no apt-get'

download() {
    mkdir -p "$cache/download" && cd "$cache/download" || return 1
    # Only root may refresh the lists; elsewhere those of the machine have to do.
    if [ "$(id -u)" = 0 ] && [ -z "${refreshed:-}" ]; then
        apt-get -o Acquire::Retries=3 -qq update >&2
        refreshed=yes
    fi
    apt-get -o Acquire::Retries=3 -o APT::Sandbox::User=root -qq download "$1" >&2 || return 1
    dpkg -x "$1"_*.deb "$cache" && rm -f "$1"_*.deb
}

bring() { # PACKAGE PROGRAM...: what is needed from one package
    package=$1
    shift
    for program; do
        if ! command -v "$program" >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
            echo "parts: fetching $program (Debian package $package)"
            here=$PWD
            download "$package" || reason="apt-get could not download the package $package"
            cd "$here" || exit 1
        fi
        command -v "$program" >/dev/null 2>&1 ||
            echo "parts: no $program here ($reason): the tests that need it will be skipped"
    done
}

bring prometheus prometheus promtool
bring prometheus-blackbox-exporter prometheus-blackbox-exporter
bring prometheus-alertmanager prometheus-alertmanager amtool
