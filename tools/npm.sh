#!/usr/bin/env bash
# What the tests take from the npm registry, pinned by its hash: axe-core, which judges the agent's page, and AsyncAPI's
# own schemas, which judge the stream's document. Nothing of it is run here. Says what is missing where it cannot have it.
set -euo pipefail
cd "$(dirname "$0")/../requirements/page"

say() { echo "npm: $*"; }

if [ node_modules/.package-lock.json -nt package-lock.json ]; then exit 0; fi
without="the page's accessibility and the AsyncAPI document are not judged"
if ! command -v npm >/dev/null; then
    say "npm is missing: $without"
    exit 0
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! npm ci --ignore-scripts --no-audit --no-fund </dev/null >"$log" 2>&1; then
    tail -n 5 "$log"
    say "could not install what package-lock.json names: $without"
fi
