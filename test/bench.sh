#!/usr/bin/env bash
# Each benchmark in a process of its own: what one leaves in heap and compiled code must not help or
# hurt the next. A benchmark prints its own lines; this adds wall time and peak memory.
set -euo pipefail
cd "$(dirname "$0")/.."
for file in test/bench/*.bench.ts; do
  echo "== $(basename "$file" .bench.ts)"
  node_modules/.bin/node --expose-gc --input-type=module -e "
    const start = performance.now();
    await import(process.cwd() + '/$file');
    process.on('exit', () => console.log('   whole process: %s s, %s MB at most',
      ((performance.now() - start) / 1000).toFixed(1), Math.round(process.resourceUsage().maxRSS / 1024)));"
done
