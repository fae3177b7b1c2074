#!/usr/bin/env bash
# axe-core, by which the tests judge the agent's page: from the npm registry, pinned by its hash, nothing of it is run
# here. Says what is missing where it cannot have it.
set -euo pipefail
cd "$(dirname "$0")/../requirements/page"

say() { echo "axe: $*"; }

if [ node_modules/.package-lock.json -nt package-lock.json ]; then exit 0; fi
if ! command -v npm >/dev/null; then
    say "npm is missing: the page's accessibility is not tested"
    exit 0
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! npm ci --ignore-scripts --no-audit --no-fund </dev/null >"$log" 2>&1; then
    tail -n 5 "$log"
    say "could not install axe-core: the page's accessibility is not tested"
fi
