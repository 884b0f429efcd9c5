/** `cascade rules`: which rule sets there are, what their numbers rest on, how two differ, whether a file is sound. */
import type { Command } from '@commander-js/extra-typings';
import { formatInstant, type Micros } from '../basics/instant.ts';
import { contractText } from '../rules/contract.ts';
import { inForceText } from '../rules/inForce.ts';
import type { RuleSet, Source } from '../rules/ruleSet.ts';
import { instantArgument } from './arguments.ts';
import { EXIT } from './errorText.ts';
import { columns, printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade rules list
  $ cascade rules show binance-usdm@2021-05
  $ cascade rules show binance-usdm@2021-05 --at 2021-05-19T12:00Z
  $ cascade rules diff binance-usdm@2020-03 binance-usdm@2021-05
  $ cascade rules check my-rules.yaml`;

/** Adds the commands to the tree. */
export function addRules(cli: Command, session: Session): void {
  const rules = cli.command('rules').description('Look at rule sets.').addHelpText('after', EXAMPLES);
  rules
    .command('list')
    .description('The rule sets in the package: contract, validity, and what their numbers rest on.')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ json }) => list(session, json === true));
  rules
    .command('show')
    .description('Every value of a rule set with its source.')
    .argument('<rules>', 'id of a rule set, or a file')
    .option('--at <time>', 'of values with dates, those that hold at this time (UTC)', instantArgument)
    .option('--json', 'print as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((id, { at, json }) => show({ id, at: at ?? null, asJson: json === true }, session));
  rules
    .command('diff')
    .description('Every value in which two rule sets differ, each with its source.')
    .argument('<first>', 'id of a rule set, or a file')
    .argument('<second>', 'another one')
    .option('--json', 'print as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((first, second, { json }) => diff([first, second], session, json === true));
  rules
    .command('check')
    .description('Check a rule file: form, tiers, schedule, sources, overlap with other files of the venue.')
    .argument('<rules>', 'a file, or the id of a rule set')
    .option('--json', 'print the findings as JSON; errors too, on stderr')
    .addHelpText('after', `${EXAMPLES}\n\nExit code 2 when there is a finding.`)
    .action((id, { json }) => check(id, session, json === true));
}

const marketsOf = (rules: RuleSet): string => Object.keys(rules.markets).join(' ');

/** `unverified` where a book has not been proven against published worked examples. */
const standing = (rules: RuleSet): string => (rules.unverified === true ? 'unverified' : '');

async function list({ output }: Session, asJson: boolean): Promise<void> {
  const { listRules, readRules } = await import('../rules/readRules.ts');
  const { completeness } = await import('../rules/checkRules.ts');
  const found = listRules().map((id) => ({ id, rules: readRules(id), numbers: completeness(id) }));
  if (asJson) {
    const described = found.map(({ id, rules, numbers }) => ({
      id,
      title: rules.title,
      venue: rules.venue,
      markets: Object.keys(rules.markets),
      contract: contractText(rules),
      inForce: inForceText(rules),
      numbers,
      unverified: rules.unverified === true,
    }));
    return printJson(output, described);
  }
  const counts = ['numbers', 'cited', 'recalled', 'assumed', 'no source'];
  const head = ['id', 'venue', 'markets', 'contract', 'in force', ...counts, ''];
  const rows = found.map(({ id, rules, numbers: n }) => [
    id,
    rules.venue,
    marketsOf(rules),
    contractText(rules),
    inForceText(rules),
    ...[n.numbers, n.cited, n.recalled, n.assumed, n.uncited].map(String),
    standing(rules),
  ]);
  for (const row of columns([head, ...rows])) output.result(row);
}

interface Shown {
  readonly id: string;
  /** null: the book as it is written, every dated value in it. */
  readonly at: Micros | null;
  readonly asJson: boolean;
}

async function show({ id, at, asJson }: Shown, { output }: Session): Promise<void> {
  const { ruleTree, rulesOf } = await import('../rules/readRules.ts');
  const { citedValues } = await import('../rules/checkRules.ts');
  const { treeAtDate } = await import('../rules/atDate.ts');
  const read = ruleTree(id);
  const tree = at === null ? read.tree : treeAtDate(read, at);
  const rules = rulesOf({ ...read, tree });
  const cited = citedValues(tree, rules);
  const inForce = inForceText(rules);
  const asOf = at === null ? {} : { at: formatInstant(at) };
  if (asJson) {
    const { title, venue, unverified = false } = rules;
    const markets = Object.keys(rules.markets);
    const contract = contractText(rules);
    return printJson(output, {
      id: rules.id,
      title,
      venue,
      markets,
      contract,
      inForce,
      unverified,
      ...asOf,
      values: cited,
    });
  }
  const held = at === null ? '' : `, as it stood at ${formatInstant(at)}`;
  output.result(rules.id);
  output.result(rules.title);
  output.result(`${contractText(rules)}, in force ${inForce}${held}`);
  if (rules.unverified === true) output.result('unverified: not proven against published worked examples');
  output.result('');
  const rows = cited.map(({ path, value, source }) => [path, value, restsOn(source), citeOf(source)]);
  for (const row of columns([['path', 'value', 'rests on', 'source'], ...rows])) output.result(row);
}

const restsOn = (source: Source | null): string => source?.confidence ?? 'NO SOURCE';
const citeOf = (source: Source | null): string =>
  [source?.cite, source?.note].filter((text) => text !== undefined && text !== '').join('; ');

async function diff(ids: readonly [string, string], { output }: Session, asJson: boolean): Promise<void> {
  const { ruleTree } = await import('../rules/readRules.ts');
  const { diffRules } = await import('../rules/diff.ts');
  const [first, second] = [ruleTree(ids[0]), ruleTree(ids[1])];
  const { differences, same, paired } = diffRules(first, second);
  if (asJson) return printJson(output, { first: ids[0], second: ids[1], paired, same, differences });
  if (paired !== null) output.result(`${paired[0]} of the first is laid beside ${paired[1]} of the second`);
  for (const { path, first: a, second: b } of differences) {
    output.result(path);
    for (const [id, one] of [[ids[0], a] as const, [ids[1], b] as const]) {
      const words = one === null ? '-' : `${one.value}  (${restsOn(one.source)}: ${citeOf(one.source)})`;
      output.result(`  ${id.padEnd(Math.max(ids[0].length, ids[1].length))}  ${words}`);
    }
  }
  output.result(`${differences.length} values differ, ${same} are the same`);
}

async function check(id: string, session: Session, asJson: boolean): Promise<void> {
  const { output } = session;
  const { checkRules } = await import('../rules/checkRules.ts');
  const findings = checkRules(id);
  if (findings.length > 0) session.exit = EXIT.input;
  if (asJson) return printJson(output, { ok: findings.length === 0, findings });
  for (const { code, file, path, message } of findings) {
    output.result(`${code}: ${message} (file ${file}${path === '' ? '' : `, path ${path}`})`);
  }
  output.result(findings.length === 0 ? 'sound' : `${findings.length} findings`);
}
