/** Check 8: June 2022, the day on which nothing should happen. */
import { type CheckRow, percent, sum, text, verdict } from './checkRow.ts';
import { CALM_BRANCHING } from './critical.ts';
import { type ControlRun, MARCH_SHARE } from './runs.ts';
import type { WorldSums } from './sums.ts';

/** All rows of the scenario 2022-06-13-btcusdt that need worlds of their own. */
export function juneRows({ own: { sums: own }, asMarch, displacedBp, branching }: ControlRun): CheckRow[] {
  const total = (w: WorldSums): number => sum(w.longByHourF64, [0, 48]) + sum(w.shortByHourF64, [0, 48]);
  const opening = own.cashLowF64[0]!;
  const drawdown = 1 - Math.min(...own.cashLowF64) / opening;
  const share = total(asMarch) / asMarch.openNotionalF64;
  const row = (target: string, ours: string, band: string, ok: boolean, reason: string): CheckRow => ({
    check: '8',
    target,
    source: 'the list of checks',
    ours,
    band,
    verdict: verdict(ok),
    reason,
  });
  const calm = text(
    `liquidated: ${percent(total(own) / own.openNotionalF64)} of open interest (published for all`,
    'venues: 4.7 %)',
  );
  return [
    row('June 2022: fund drawdown', percent(drawdown), 'below 5 %', drawdown < 0.05, calm),
    row('June 2022: auto-deleveraged', String(own.adlF64), '0', own.adlF64 === 0, calm),
    row(
      'June 2022: displacement when the rules take over at once',
      `${displacedBp.toFixed(1)} bp`,
      'below 30 bp',
      displacedBp < 30,
      'largest displacement of the price of a candidate with feedback; in a baseline it is 0',
    ),
    row(
      `June 2022 with the liquidatable share of March 2020 (${MARCH_SHARE}): liquidated share of open interest`,
      percent(share),
      'at most 20 %',
      share <= 0.2,
      'expected to fail for naive populations (65 %)',
    ),
    row(
      'June 2022: largest branching ratio',
      branching.toFixed(3),
      `below ${CALM_BRANCHING}`,
      branching < CALM_BRANCHING,
      text(
        'impact of the beat, decayed for a minute, on the liquidation prices within 1 % ahead, as a',
        'comparison measures it',
      ),
    ),
  ];
}
