#!/usr/bin/env bash
# All of `make test`: style, types, then every test file in a process of its own, so that one crash is
# one failure. (All in one process saves half the processor time but uses one core: no faster.)
# Failures are told in full, then come the runner's own summary lines.
set -uo pipefail
cd "$(dirname "$0")/.."
node=node_modules/.bin/node
mkdir -p .tmp
failed=0
step() { echo "== $*"; "$@" || failed=1; }

if [ ! -e /usr/bin/chromium ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo '== installing chromium for the browser tests (they skip where that fails)'
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium) \
    </dev/null >.tmp/chromium.log 2>&1 || tail -2 .tmp/chromium.log
fi

if ! command -v redis-server >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo '== installing redis-server for the tests of sweeps over many machines (they skip where that fails)'
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server) \
    </dev/null >.tmp/redis.log 2>&1 || tail -2 .tmp/redis.log
fi

step "$node" node_modules/@biomejs/biome/bin/biome ci --error-on-warnings src test bin
step "$node" node_modules/typescript/bin/tsc -p tsconfig.json

echo '== tests'
# every test file is a process of its own, and most load the same sources: they are stripped and compiled once
export NODE_COMPILE_CACHE="$PWD/.tmp/compiled"
mapfile -t files < <(find test -name '*.test.ts' | sort)
# the runner leaves one core idle by default: with two cores that is half of the time
"$node" --test --test-concurrency="$(getconf _NPROCESSORS_ONLN)" --test-reporter=spec --test-reporter-destination=.tmp/tests.log \
  --test-reporter=dot --test-reporter-destination=stdout "${files[@]}" || failed=1
sed -n '/failing tests:/,$p' .tmp/tests.log
grep -E '^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ' .tmp/tests.log || failed=1
[ "$failed" = 0 ] && echo 'all is well' || echo 'something failed, see above'
exit "$failed"
