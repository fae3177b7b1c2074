#!/usr/bin/env bash
# The real peers of the tests: SIP server, caller, phone, scanner, certificates, Redis, web proxy, another clock, terminal,
# desktop bus, browser (and the scripts that its page shows), a compiler for the disk that fails, networks that fail, a Debian that boots, and npm, by which tools/npm.sh gets what
# judges the page.
# Installs what is missing where it may, as root or through sudo without a password; else says what is missing.
# Debian's own services of them are neither started nor left to start at the next boot: a test starts each peer
# itself, on loopback, for as long as it needs it.
set -euo pipefail

packages=(
    kamailio kamailio-tls-modules kamailio-presence-modules sip-tester baresip-core sipvicious openssl
    redis-server nginx chromium fonts-noto-core fonts-noto-cjk tmux dbus-daemon gcc libc6-dev iproute2
    debootstrap systemd-container
)
services=(kamailio redis-server nginx)

say() { echo "peers: $*"; }

if ! command -v dpkg-query apt-get >/dev/null; then
    say "not a Debian system; bring what Debian calls ${packages[*]}"
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
# Debian's npm is large; one from anywhere will do.
command -v npm >/dev/null || missing+=(npm)
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then exec sudo -n "$0"; fi
    say "missing, and may not install: ${missing[*]}"
    exit 0
fi

# Packages ask this file before they start a service; 101 is no. One that is there already is put back.
policy=/usr/sbin/policy-rc.d
kept=$policy.before-ctibridge
log=$(mktemp)
tidy() {
    rm -f "$policy" "$log"
    if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}
trap tidy EXIT
if [ -e "$policy" ] && [ ! -e "$kept" ]; then mv "$policy" "$kept"; fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

say "installing the Debian packages ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get --quiet --yes --option DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1; }
if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
    tail -n 5 "$log"
    say "could not install: ${missing[*]}"
    exit 0
fi

for service in "${services[@]}"; do
    if [[ " ${missing[*]} " == *" $service "* ]] && command -v systemctl >/dev/null; then
        systemctl --quiet disable "$service" >/dev/null 2>&1 || say "$service may start at the next boot"
    fi
done
