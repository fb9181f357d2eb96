# Sourced by scripts/test: the steps, what each needs to have passed before, and what each holds for itself.

declare -A about=() needs=() holds=()
steps=() ordinary=()

# step NAME ABOUT [--needs "STEP…"] [--holds THING] [--nightly]
step() {
  local name=$1 nightly=false
  about[$name]=$2
  shift 2
  while (($#)); do
    case $1 in
      --needs) needs[$name]=$2 && shift 2 ;;
      --holds) holds[$name]=$2 && shift 2 ;;
      --nightly) nightly=true && shift ;;
    esac
  done
  steps+=("$name")
  $nightly || ordinary+=("$name")
}

# Cargo locks a target folder by profile and target: what builds in the same one would only wait. `debug` is the native
# build, `release` what ships, `fuzz` a folder of its own.
step tools "Rust targets and npm packages that this machine lacks"
step lint "formatting; clippy on the native code, as it is compiled for the tests" --needs tools --holds debug
step lint-wasm "clippy for both WebAssembly targets" --needs tools --holds release
step unit "all native tests: units, house rules, vectors" --needs lint --holds debug
step build-spin "the components, as they ship" --needs lint-wasm --holds release
step build-workers "the Workers, as they ship" --needs "lint lint-wasm" --holds release
step packages "Debian packages of the browser, load and QR tests" --needs tools
step fuzz-build "the fuzz targets" --needs tools --holds fuzz
step sim "simulated refunds: seeded schedules, crashes, faulty gateways" --needs lint
step scans "replayed scans: households, campaigns of copies, griefers" --needs lint
step contract "the vectors on native, Workers and Spin" --needs "lint build-workers build-spin"
step live-workers "labels, races, a page, a shop, a restart and README's own way on Workers" --needs "lint build-workers packages"
step live-spin "labels, races, a page, a shop, a restart and README's own way on Spin" --needs "lint build-spin packages"
step refunds-workers "500 refunds at once and crashes on Workers" --needs "lint build-workers"
step refunds-spin "500 refunds at once and crashes on Spin" --needs "lint build-spin"
step refunds-foreign "refunds through Stripe servers that others wrote" --needs "lint build-spin"
step tariff "a tariff shadowed, promoted and rolled back under load on both hosts" --needs "lint build-workers build-spin"
step ports "every port on the real runtimes" --needs "lint build-workers build-spin" --holds release
step browser "every page in Chromium" --needs "lint build-workers packages"
step build-deploy "a deployment of each Worker, dry" --needs build-workers
step fuzz "fuzzing from the seeds" --needs fuzz-build
step recipe "a fifth function by the recipe, on both hosts" --needs "build-workers build-spin lint" --holds release --nightly
step policy "policy packs of trace-verify on both hosts: replaced under load, attacked" --needs "lint build-workers build-spin" --nightly
step soak "refunds, crashes and races again and again" --needs "refunds-workers refunds-spin live-workers live-spin" --nightly

nightly() { [[ -n ${VENDITOR_NIGHTLY:-} ]]; }

tools() {
  # Without a linker nothing can be built: then Debian's packages come first.
  if command -v cc >/dev/null; then scripts/toolchain; else scripts/toolchain --apt; fi
}

packages() { scripts/toolchain --apt; }

# cargo, compiling the crates of this workspace with clippy's driver, which is rustc and its lints: so one build of the
# dependencies serves both. A lint stops it as `cargo clippy -- -D warnings` does. The selection is always the same,
# because cargo builds a crate anew for other features.
linting_cargo() {
  RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__ \
    cargo "$@" --locked --workspace
}

lint() {
  cargo fmt --all --check
  linting_cargo test --no-run --quiet
  linting_cargo build --bins --examples --quiet # the programs that the steps below run
}

unit() {
  linting_cargo test --no-fail-fast
  "$target/debug/listing-metamorphic" # every term of the default lists, in every reading
}

lint_wasm() {
  # In the release profile, whose build scripts and macros the build needs anyway.
  local wasm
  for wasm in wasm32-unknown-unknown wasm32-wasip2; do
    cargo clippy --quiet --locked --release --target "$wasm" --package shared "${functions[@]/#/--package=}" -- -D warnings
  done
}

# Not through scripts/build's own habit of skipping cargo: here is where it is built.
build_spin() { VENDITOR_BUILT='' scripts/build spin; }

build_workers() {
  cargo build --lib --release --locked --target wasm32-unknown-unknown "${functions[@]/#/--package=}"
  scripts/build workers
}

# Mostly waiting for instances to look again.
tariff() {
  node tests/policy/tariff.mjs --host spin
  node tests/policy/tariff.mjs --host workers
}

policy() {
  node tests/policy/run.mjs --host spin
  node tests/policy/run.mjs --host workers
}

build_deploy() {
  local name jobs=() job
  for name in "${functions[@]}"; do
    # wrangler runs scripts/build itself, as a deployment does; it finds its work done.
    node_modules/.bin/wrangler deploy --dry-run --env "$name" --outdir "$target/dry-run/$name" \
      </dev/null >"$target/dry-run-$name.log" 2>&1 &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job" || { cat "$target"/dry-run-*.log && return 1; }; done
  cat "$target"/dry-run-*.log | grep -vE '^\s*$|update available'
}

sim() {
  if nightly; then native_program sim --nightly --jobs 2; else native_program sim --seeds 1000 --jobs 2; fi
}

# Every tale goes through the real ledger; both tables are printed.
scans() {
  if nightly; then native_program scans; else native_program scans --households 2000 --campaigns 500 --griefers 200; fi
}

contract() {
  native_program contract
  say "Contract: what earlier builds have stored"
  native_program contract --stored
  say "Contract: on a host that keeps its own time"
  native_program contract --host spin --own-clock --filter instant-refund/issue-
}

# A program of this workspace; unit has built it, and so that its crates are not built a second time, cargo is not asked.
native_program() {
  local name=$1 packages=(--package "$1")
  shift
  [[ $name != contract ]] || packages+=(--package spin-host)
  [[ -n ${VENDITOR_BUILT:-} ]] || cargo build --quiet --locked "${packages[@]}"
  "$target/debug/$name" "$@"
}

# Two checkouts on one machine need two.
test_port=${VENDITOR_TEST_PORT:-18788}
live_workers() { live workers "$test_port"; }
live_spin() { live spin $((test_port + 1)); }

# live HOST PORT: what consumers and operators rely on, as scripts/dev serves it, with fresh state: readers read the
# labels, pages open, one device alone is the first, the host forgets nothing when it stops, and a sample shop is bought
# from behind bot-screen.
live() {
  local host=$1 port=$2 dir=$target/live/$1 path race foreign piece devices=200
  ! nightly || devices=1000
  rm -rf "$dir" && mkdir -p "$dir"
  serve "$host" "$port" "$dir"
  tests/labels/run --dir "$dir"
  node scripts/browser-scenarios.mjs --smoke "$dir/sample.json" >"$dir/scenarios.json"
  tests/browser/run --base "http://127.0.0.1:$port" --scenarios "$dir/scenarios.json" --out "artifacts/browser/$host"
  path=$(node -p 'new URL(JSON.parse(fs.readFileSync(process.argv[1])).tea[19]).pathname' "$dir/sample.json")
  foreign=()
  for piece in 5 6; do
    foreign+=(--path "$(node -p 'new URL(JSON.parse(fs.readFileSync(process.argv[1])).tea[process.argv[2]]).pathname' "$dir/sample.json" $piece)")
  done
  node tests/browser/foreign.mjs --base "http://localhost:$port" "${foreign[@]}"
  node --test tests/storefront/test.mjs >"$dir/storefront.log" || { cat "$dir/storefront.log" && return 1; }
  node tests/screen/live.mjs --dir "$dir"
  node tests/screen/nginx.mjs --dir "$dir"
  node tests/screen/proxies.mjs --dir "$dir"
  node tests/screen/nginx-origin.mjs --dir "$dir"
  node tests/screen/wire.mjs --dir "$dir"
  node tests/screen/smuggle.mjs --dir "$dir"
  node tests/screen/storage.mjs --dir "$dir"
  node tests/screen/policy.mjs --dir "$dir"
  node tests/screen/bot-auth.mjs --dir "$dir"
  node tests/screen/browser.mjs --dir "$dir" --out "artifacts/screen/$host"
  race=(node tests/race/race.mjs --base "http://127.0.0.1:$port" --path "$path")
  "${race[@]}" --devices "$devices"
  end_served
  serve "$host" "$port" "$dir"
  "${race[@]}" --devices 1 --seen "$devices"
  end_served
  tests/readme/run --host "$host" --port "$((port + 20))"
}

serve() {
  scripts/dev --host "$1" --port "$2" --dir "$3" >>"$3/events.log" 2>>"$3/dev.log" </dev/null &
  served=$! # not local: the trap outlives this function
  trap end_served EXIT
  local waited
  for ((waited = 0; waited < 3000; waited++)); do # ten minutes: the first start may have to build
    [[ ! -s $3/sample.json ]] || return 0
    kill -0 "$served" 2>/dev/null || break
    sleep 0.2
  done
  cat "$3/dev.log" >&2
  die "scripts/dev --host $1 is not ready"
}

end_served() {
  trap - EXIT
  kill "$served" 2>/dev/null || true
  wait "$served" || true
}

# Races for the last room of a payment: many more by night.
refunds_workers() { refunds workers "$(refund_rounds)"; }
refunds_spin() { refunds spin "$(refund_rounds)"; }
refund_rounds() { if nightly; then echo 100; else echo 5; fi; }

# Refunds bring their own hosts: they are killed on the way.
refunds() {
  [[ -n ${VENDITOR_BUILT:-} ]] || cargo build --quiet --locked --package gateways --package spin-host
  node tests/refund/run.mjs --host "$1" --rounds "${2:-5}"
}

ports() { tests/ports/run; }

# On one host: what goes to the gateways and comes from them is made and read by code that has no I/O, and the vectors
# compare the hosts byte for byte.
refunds_foreign() {
  [[ -n ${VENDITOR_BUILT:-} ]] || cargo build --quiet --locked --package gateways --package spin-host
  # shellcheck disable=SC2016 # set by the script that runs it
  tests/gateways/foreign/run -- bash -c '
    node tests/refund/run.mjs --host spin --stripe "$STRIPE_MOCK" &&
    node tests/refund/run.mjs --host spin --stripe "$LOCALSTRIPE" --pays-twice'
}

# Every verdict on Workers, where failures and other devices can be arranged; the hosts' pages are compared byte for byte
# by the vectors, and live-* opens one on each.
browser() {
  local scenarios=$target/browser/gallery.json
  mkdir -p "$target/browser"
  rm -rf artifacts/browser/gallery
  native_program contract --gallery "$scenarios" \
    tests/browser/run --base '{base}' --host t.example --scenarios "$scenarios" --out artifacts/browser/gallery
}

fuzz_build() { tests/fuzz/run --build; }

fuzz() {
  # Nearly the same inputs each time: what this run says is about the change. The nightly run explores.
  tests/fuzz/run --runs 5000
  ! nightly || tests/fuzz/run --sanitize --seconds 600
}

recipe() { VENDITOR_BUILT='' tests/recipe/run; }

soak() {
  local round host
  for round in {1..10}; do
    for host in workers spin; do
      refunds "$host"
    done
  done
  live_workers
  live_spin
}
