#!/bin/sh
# The browser tests drive the system's Chromium, best its headless shell, which is the quicker.
# Installed where that can be done; in CI its absence is a failure, elsewhere those tests report
# themselves as skipped.
set -u
have() { command -v "$1" >/dev/null 2>&1; }
have chromium-headless-shell && exit 0
if have apt-get && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null ||
    have chromium || apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
have chromium-headless-shell || have chromium && exit 0
echo "WARNING: no Chromium on this machine; the browser tests will be SKIPPED." >&2
[ "${CI:-}" = true ] && exit 1
exit 0
