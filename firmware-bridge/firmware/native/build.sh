#!/bin/sh
# The engine as a library for gateways without Node: libsaccade.so and libsaccade.a with the functions of ../embed/saccade.h.
#
#     firmware-bridge/firmware/native/build.sh OUT           the plain engine, any processor; after npm run build:embedded
#     firmware-bridge/firmware/native/build.sh OUT simd      the engine with vectors; after npm run build:engine. Wants SIMDe (Debian: libsimde-dev)
#
# CC=aarch64-linux-gnu-gcc for another machine, CFLAGS for another processor. All operators. The plain library holds networks whose arena and
# state take up to SACCADE_RAM_BYTES (64 MiB of address space, of which only what is used is taken), the other whatever there is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
out=${1:?usage: build.sh OUT [simd]}
mkdir -p "$out"

need() { [ -e "$1" ] || { echo "build.sh: $1 is not there: $2" >&2; exit 66; }; }

# wasm2c that knows vectors: of the npm package wabt, 1.0.39 or later; Debian's 1.0.32 does not.
wasm2c_with_vectors() {
  tool=$root/build/wabt/node_modules/wabt/bin/wasm2c
  if [ ! -e "$tool" ]; then
    mkdir -p "$root/build/wabt"
    echo '{ "private": true }' >"$root/build/wabt/package.json"
    npm install --prefix "$root/build/wabt" --ignore-scripts --no-audit --no-fund --loglevel=error wabt@1.0.39 >&2
  fi
  node "$tool" "$@"
}

compile() { ${CC:-gcc} -std="$1" ${CFLAGS:--O3} -fPIC -I"$here" -I"$here/../embed" -I"$3" ${4:-} -c "$2" -o "$out/$(basename "$2").o"; }

if [ "${2:-}" = simd ]; then
  need "$root/build/engine/engine-simd.wasm" "npm run build:engine"
  generated=$root/build/native
  mkdir -p "$generated"
  if [ ! "$generated/saccade_simd.c" -nt "$root/build/engine/engine-simd.wasm" ]; then
    wasm2c_with_vectors "$root/build/engine/engine-simd.wasm" -n engine -o "$generated/saccade_simd.c"
  fi
  # wasm2c writes functions for whatever a module may hold.
  compile gnu11 "$generated/saccade_simd.c" "$generated" -w
  compile c11 "$here/saccade_native.c" "$generated"
else
  need "$root/build/embed/saccade_engine.c" "npm run build:embedded"
  compile c99 "$here/../embed/saccade.c" "$root/build/embed" "-DSACCADE_OPS=0xfffeu -DSACCADE_RAM_BYTES=${SACCADE_RAM_BYTES:-67108864u}"
fi
${CC:-gcc} -shared -Wl,-soname,libsaccade.so -o "$out/libsaccade.so" "$out"/*.c.o -lm
rm -f "$out/libsaccade.a"
${AR:-ar} rcs "$out/libsaccade.a" "$out"/*.c.o
rm "$out"/*.c.o
cp "$here/../embed/saccade.h" "$out/saccade.h"
