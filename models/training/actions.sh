#!/usr/bin/env bash
# From the depth clips of UTD-MHAD to a trained network and its package: bash models/training/actions.sh DEPTH OUT [arguments of the recipe]
# OUT gets the simulated recordings, actions-trev.safetensors, actions-trev.saccade and results.json. Given again, it goes on where it was cut off.
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: bash models/training/actions.sh DEPTH OUT [arguments of saccade_training.actions]" >&2
  exit 64
fi
depth=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
shift 2
cd "$(dirname "$0")/../.."
python=${SACCADE_PYTHON:-python3}
saccade() { node build/host/cli/main.js "$@"; }
export -f saccade

# One set of recordings; a set that was cut off is made anew.
simulate() {
  set -euo pipefail
  local depth=$1 at=$2
  shift 2
  [ -e "$at/dataset.json" ] && return
  rm -rf "$at"
  saccade simulate actions --depth "$depth" --out "$at" "$@" --json > "$at.log"
}
export -f simulate
xargs -P "$(nproc)" -I {} bash -c "simulate '$depth' '$out'/{}" << 'SETS'
train-0 --split train --seed 1
train-1 --split train --augment 1 --seed 101
train-2 --split train --augment 1 --seed 102
train-3 --split train --augment 1 --seed 103
train-4 --split train --augment 1 --seed 104
test --split test --seed 1
SETS

PYTHONPATH=models/training "$python" -m saccade_training.actions --data "$out"/train-{0,1,2,3,4}/dataset.json --test "$out/test/dataset.json" \
  --out "$out" --threads "$(nproc)" "$@"
saccade import "$out/actions-trev.safetensors" --output "$out/actions-trev.saccade"
saccade eval "$out/actions-trev.saccade" --data "$out/test/dataset.json"
