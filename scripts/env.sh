# Sourced by the other scripts: where the project keeps its own tools, and how worker-build finds them. Left to itself,
# worker-build downloads its helpers from a host that many build machines cannot reach.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
tools=${VENDITOR_TOOLS_DIR:-$root/target/tools} # outlives a build, and may be shared between checkouts

functions=(bot-screen instant-refund listing-check trace-verify)

export PATH="$tools/bin:$PATH"
export WASM_BINDGEN_BIN="$tools/bin/wasm-bindgen"
export WASM_OPT_BIN="$root/node_modules/binaryen/bin/wasm-opt"
export ESBUILD_BIN="$root/node_modules/esbuild/bin/esbuild"
# worker-build sets this for its own cargo; ours must be given the same, or the two would rebuild each other's work.
export WASM_BINDGEN_USE_JS_SYS=1
export WRANGLER_SEND_METRICS=false

say() { printf '\n== %s\n' "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The version of a crate in Cargo.lock.
locked() {
  awk -v want="name = \"$1\"" '$0 == want { getline; gsub(/version = |"/, ""); print; exit }' "$root/Cargo.lock"
}
