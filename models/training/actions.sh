#!/usr/bin/env bash
# From the depth clips of UTD-MHAD to two trained networks and their packages: bash models/training/actions.sh DEPTH OUT [arguments of both recipes]
# Beside DEPTH lie the skeletons, utd-mhad-skeleton.npz. OUT gets the simulated recordings, and in trev/ and point/ a checkpoint, its package and
# results.json. Given again, it goes on where it was cut off.
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: bash models/training/actions.sh DEPTH OUT [arguments of saccade_training.actions and saccade_training.points]" >&2
  exit 64
fi
depth=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
shift 2
cd "$(dirname "$0")/../.."
python=${SACCADE_PYTHON:-python3}
threads=$((($(nproc) + 1) / 2))
saccade() { node build/host/cli/main.js "$@"; }
export -f saccade

# One set of recordings; a set that was cut off is made anew.
simulate() {
  set -euo pipefail
  local depth=$1 at=$2 who=$3
  shift 3
  [ -e "$at/dataset.json" ] && return
  rm -rf "$at"
  [ "$who" = actor ] || set -- --depth "$depth" "$@"
  saccade simulate "$who" --out "$at" --json "$@" > "$at.log"
}
export -f simulate
xargs -P "$(nproc)" -I {} bash -c "simulate '$depth' '$out'/{}" << 'SETS'
actor-0 actor --count 540 --seed 3101
actor-1 actor --count 1080 --seed 3102
train-0 actions --split train --seed 1
train-1 actions --split train --augment 1 --seed 101
train-2 actions --split train --augment 1 --seed 102
train-3 actions --split train --augment 1 --seed 103
train-4 actions --split train --augment 1 --seed 104
test actions --split test --seed 1
SETS

# recipe NAME MODULE ARGUMENTS…: trains one network into OUT/NAME, makes its package and scores it in the engine.
recipe() {
  local name=$1 module=$2 package="$out/$1/actions-$1"
  shift 2
  {
    PYTHONPATH=models/training "$python" -m "saccade_training.$module" --data "$out"/train-{0,1,2,3,4}/dataset.json \
      --actor "$out"/actor-{0,1}/dataset.json --skeletons "$depth/../utd-mhad-skeleton.npz" --test "$out/test/dataset.json" \
      --out "$out/$name" --threads "$threads" "$@"
    saccade import "$package.safetensors" --output "$package.saccade"
    saccade eval "$package.saccade" --data "$out/test/dataset.json"
  } 2>&1 | sed -u "s/^/$name: /"
}
recipe trev actions "$@" &
trev=$!
recipe point points "$@" &
point=$!
status=0
wait "$trev" || status=1
wait "$point" || status=1
exit "$status"
