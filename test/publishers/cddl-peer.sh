#!/usr/bin/env bash
# Holds published bytes to docs/messages.cddl with a peer that reads CDDL: pycddl, in a Python environment of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet "pycddl==0.6.4"
SACCADE_CDDL_PYTHON="$environment/bin/python" npx tap --disable-coverage build/test/{publishers/messages,end-to-end/mqtt,writers/raw-packets}.test.js
