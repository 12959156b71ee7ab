#!/bin/sh
# Copies the pinned front-end files to static/vendor/. Without npm, Node comes from a wheel.
set -eu
cd "$(dirname "$0")/.."
if command -v npm >/dev/null 2>&1; then
  npm ci --ignore-scripts --silent
else
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
  PATH="$PWD/.venv/bin:$PATH" .venv/bin/npm ci --ignore-scripts --silent
fi
mkdir -p static/vendor
cp node_modules/@tabler/core/dist/css/tabler.min.css static/vendor/
cp node_modules/htmx.org/dist/htmx.min.js static/vendor/
cp node_modules/chart.js/dist/chart.umd.min.js static/vendor/
# Served instead of the plain file to browsers that take it.
gzip --best --keep --force static/vendor/*.css static/vendor/*.js
