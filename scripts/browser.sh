#!/bin/sh
# The browser tests drive the system's Chromium. Installed where that can be done; in CI its
# absence is a failure, elsewhere those tests report themselves as skipped.
set -u
command -v chromium >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
if ! command -v chromium >/dev/null 2>&1; then
  echo "WARNING: no Chromium on this machine; the browser tests will be SKIPPED." >&2
  [ "${CI:-}" = true ] && exit 1
fi
exit 0
