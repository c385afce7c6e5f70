#!/usr/bin/env bash
# Compares what `saccade decode` reads with what faery, dv-processing, expelliarmus and tonic read, file by file.
# Needs `npm run build` and python3; installs the peers into build/peers on the first run. Arguments go to compare.py.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv="${SACCADE_PEERS_VENV:-build/peers}"
if [ ! -x "$venv/bin/python" ] || ! cmp -s test/peers/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  # Of tonic only its readers are used, which need numpy alone: what it names besides is left out.
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r test/peers/requirements.txt
  cp test/peers/requirements.txt "$venv/requirements.txt"
fi
exec "$venv/bin/python" test/peers/compare.py "$@"
