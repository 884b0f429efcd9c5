/** Whether rules count the assets that accounts hold: a balance that counts nothing would be a silent loss. */
import { nearest, ReplayError } from '../basics/errors.ts';
import type { Population } from '../ledger/population.ts';
import type { RuleSet } from '../rules/ruleSet.ts';

/**
 * The population, if the rules value every asset that it holds.
 *
 * @throws ReplayError SCENARIO_INVALID naming the account and the asset that they do not
 */
export function checkedBalances(population: Population, { collateral, id }: RuleSet): Population {
  for (const [a, balances] of population.further ?? []) {
    const name = population.names.get(a) ?? `a${a}`;
    const place = { path: `accounts.${name}.balances` };
    if (collateral === undefined) {
      const message = `account ${name} holds several assets, and ${id} counts one`;
      throw new ReplayError(
        'SCENARIO_INVALID',
        message,
        place,
        'Use a rule set with collateral, or give a wallet.',
      );
    }
    const valued = [collateral.unit, ...Object.keys(collateral.assets)];
    for (const asset of balances.keys()) {
      if (valued.includes(asset)) continue;
      const best = nearest(asset, valued);
      const remedy = best === null ? `Counted are: ${valued.join(', ')}.` : `Did you mean ${best}?`;
      throw new ReplayError('SCENARIO_INVALID', `${id} counts no ${asset} of account ${name}`, place, remedy);
    }
  }
  return population;
}
