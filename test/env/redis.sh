#!/usr/bin/env bash
# Prints the path of redis-server (or valkey-server), installing Debian's package when there is none and this is root. The
# package's own service is neither started nor enabled: the tests start their own on free ports.
set -euo pipefail

say() { printf '[env] %s\n' "$*" >&2; }

find_server() { PATH=$PATH:/usr/sbin:/usr/local/bin command -v redis-server || command -v valkey-server; }

if find_server; then exit 0; fi
if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then
  say "redis-server (7 or newer) is not on PATH and cannot be installed here: that needs apt-get and root. Install it, then try again."
  exit 1
fi

exec 9>/tmp/chartroom-apt.lock
flock 9
if find_server; then exit 0; fi
say "installing redis-server with apt-get (about 10 s); its service stays off"
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
install=(apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends redis-server)
"${install[@]}" >&2 || { apt-get -o DPkg::Lock::Timeout=300 update -qq >&2 && "${install[@]}" >&2; }
if command -v systemctl >/dev/null; then systemctl disable redis-server >/dev/null 2>&1 || true; fi
find_server
