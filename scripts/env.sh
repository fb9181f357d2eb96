# Sourced by the other scripts: where things are, which functions there are, and how scripts speak.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
tools=${VENDITOR_TOOLS_DIR:-$root/target/tools} # outlives a build, and may be shared between checkouts

# A function is a folder with a Cargo.toml; no script has a list of its own.
functions=()
for manifest in "$root"/functions/*/Cargo.toml; do
  functions+=("$(basename "$(dirname "$manifest")")")
done
unset manifest

export PATH="$tools/bin:$PATH"
# wasm-bindgen's macros write `js_sys::futures` with it, as in worker-build. Every cargo must be given the same, or one
# would rebuild another's work.
export WASM_BINDGEN_USE_JS_SYS=1
export WRANGLER_SEND_METRICS=false

say() { printf '\n== %s\n' "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The comment at the head of a script is its help; --help prints it.
help_of() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$1"; }

# wants_help ARGUMENT… : prints the script's help and ends well if --help is among the arguments.
wants_help() {
  local argument
  for argument in "$@"; do
    [[ $argument != -- ]] || return 0
    if [[ $argument == --help || $argument == -h ]]; then
      help_of "$0"
      exit 0
    fi
  done
}

# wrong WHAT : an argument that the script does not know.
wrong() {
  printf 'error: %s\n       %s --help says more\n' "$*" "${0#"$root/"}" >&2
  exit 2
}

# The version of a crate in Cargo.lock.
locked() {
  awk -v want="name = \"$1\"" '$0 == want { getline; gsub(/version = |"/, ""); print; exit }' "$root/Cargo.lock"
}
