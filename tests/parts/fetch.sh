#!/bin/sh
# Brings the real programs that tests run against: Prometheus, promtool, Alertmanager, blackbox_exporter, Chromium, axe.
# Where apt-get exists their Debian packages are downloaded and unpacked into .cache/parts: nothing is installed,
# no service starts, and a machine that has them already is left as it is. What could not be had is said by name,
# and is no failure here: the tests that need it skip and say so (or fail where REQUIRE_REAL_PARTS=1 promised it).
set -u
cd "$(dirname "$0")/../.." || exit 1
cache=$PWD/.cache/parts
PATH=$PATH:$cache/usr/bin
reason='this machine has no apt-get'

refresh() { # only root may refresh the lists; elsewhere those of the machine have to do
    if [ "$(id -u)" = 0 ] && [ -z "${refreshed:-}" ]; then
        apt-get -o Acquire::Retries=3 -qq update >&2
        refreshed=yes
    fi
}

download() {
    mkdir -p "$cache/download" && cd "$cache/download" || return 1
    refresh
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

lend_templates() { # Debian's Alertmanager looks for its templates below /usr/share, where an unpacked package has none
    program=$cache/usr/bin/prometheus-alertmanager
    if [ -x "$program" ] && [ ! -e "$program.unpacked" ] && [ ! -e /usr/share/prometheus/alertmanager/default.tmpl ]; then
        mv "$program" "$program.unpacked"
        cat >"$program" <<'WRAPPER'
#!/bin/sh
# Runs the unpacked Alertmanager with a /usr/share of its own that holds its templates; this machine's stays as it is.
cache=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] && apart='unshare --mount' || apart='unshare --user --map-root-user --mount'
exec $apart sh -c '
    mount -t tmpfs tmpfs /usr/share && mkdir /usr/share/prometheus &&
    ln -s "$0/usr/share/prometheus/alertmanager" /usr/share/prometheus/alertmanager &&
    exec "$0/usr/bin/prometheus-alertmanager.unpacked" "$@"' "$cache" "$@"
WRAPPER
        chmod +x "$program"
    fi
}

bring_chromium() { # with the libraries and the font that this machine lacks
    if ! command -v chromium >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
        echo 'parts: fetching chromium (Debian packages chromium and fonts-dejavu-core)'
        archives=$cache/download/chromium
        mkdir -p "$archives/partial"
        refresh
        apt-get -o Acquire::Retries=3 -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Dir::Cache::archives="$archives" \
            -qq --yes --no-install-recommends --download-only install chromium fonts-dejavu-core >&2 ||
            reason='apt-get could not download the package chromium'
        for archive in "$archives"/*.deb; do
            [ -e "$archive" ] && dpkg -x "$archive" "$cache"
        done
        rm -rf "$archives"
    fi
    command -v chromium >/dev/null 2>&1 ||
        echo "parts: no chromium here ($reason): the tests that need it will be skipped"
}

bring_axe() { # the accessibility checks that tests run in the browser, from npm; node is not needed to run them
    if [ ! -e "$cache/axe-core/package/axe.min.js" ] && command -v npm >/dev/null 2>&1; then
        echo 'parts: fetching axe-core (npm)'
        mkdir -p "$cache/axe-core" &&
            (cd "$cache/axe-core" && npm pack --silent axe-core@4 >&2 && tar -xzf axe-core-*.tgz && rm -f axe-core-*.tgz)
    fi
    [ -e "$cache/axe-core/package/axe.min.js" ] ||
        echo 'parts: no axe-core here (npm is missing or could not fetch it): the tests that need it will be skipped'
}

bring_chromium
bring_axe
bring prometheus prometheus promtool
bring prometheus-blackbox-exporter prometheus-blackbox-exporter
bring prometheus-alertmanager prometheus-alertmanager amtool
lend_templates
