/** `cascade rules`: which rule sets there are, what their numbers rest on, and whether a file is sound. */
import type { Command } from '@commander-js/extra-typings';
import { inForceText } from '../rules/inForce.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { EXIT } from './errorText.ts';
import { columns, printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade rules list
  $ cascade rules show binance-usdm@2021-05
  $ cascade rules check my-rules.yaml`;

/** Adds the commands to the tree. */
export function addRules(cli: Command, session: Session): void {
  const rules = cli.command('rules').description('Look at rule sets.').addHelpText('after', EXAMPLES);
  rules
    .command('list')
    .description('The rule sets in the package: markets, validity, and what their numbers rest on.')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ json }) => list(session, json === true));
  rules
    .command('show')
    .description('Every value of a rule set with its source.')
    .argument('<rules>', 'id of a rule set, or a file')
    .option('--json', 'print as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((id, { json }) => show(id, session, json === true));
  rules
    .command('check')
    .description('Check a rule file: form, tiers, sources, overlap with other files of the venue.')
    .argument('<rules>', 'a file, or the id of a rule set')
    .option('--json', 'print the findings as JSON; errors too, on stderr')
    .addHelpText('after', `${EXAMPLES}\n\nExit code 2 when there is a finding.`)
    .action((id, { json }) => check(id, session, json === true));
}

const marketsOf = (rules: RuleSet): string => Object.keys(rules.markets).join(' ');

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
      inForce: inForceText(rules),
      numbers,
    }));
    return printJson(output, described);
  }
  const head = ['id', 'venue', 'markets', 'in force', 'numbers', 'cited', 'recalled', 'assumed', 'no source'];
  const rows = found.map(({ id, rules, numbers: n }) => [
    id,
    rules.venue,
    marketsOf(rules),
    inForceText(rules),
    ...[n.numbers, n.cited, n.recalled, n.assumed, n.uncited].map(String),
  ]);
  for (const row of columns([head, ...rows])) output.result(row);
}

async function show(id: string, { output }: Session, asJson: boolean): Promise<void> {
  const { ruleTree, rulesOf } = await import('../rules/readRules.ts');
  const { citedValues } = await import('../rules/checkRules.ts');
  const read = ruleTree(id);
  const rules = rulesOf(read);
  const cited = citedValues(read.tree, rules);
  if (asJson) {
    const { title, venue } = rules;
    const markets = Object.keys(rules.markets);
    printJson(output, { id: rules.id, title, venue, markets, inForce: inForceText(rules), values: cited });
    return;
  }
  for (const line of [rules.id, rules.title, `in force ${inForceText(rules)}`, '']) output.result(line);
  const rows = cited.map(({ path, value, source }) => [
    path,
    value,
    source?.confidence ?? 'NO SOURCE',
    [source?.cite, source?.note].filter((text) => text !== undefined && text !== '').join('; '),
  ]);
  for (const row of columns([['path', 'value', 'rests on', 'source'], ...rows])) output.result(row);
}

async function check(id: string, session: Session, asJson: boolean): Promise<void> {
  const { output } = session;
  const { checkRules } = await import('../rules/checkRules.ts');
  const findings = checkRules(id);
  if (findings.length > 0) session.exit = EXIT.input;
  if (asJson) return printJson(output, { ok: findings.length === 0, findings });
  for (const { file, path, message } of findings) {
    output.result(`${message} (file ${file}${path === '' ? '' : `, path ${path}`})`);
  }
  output.result(findings.length === 0 ? 'sound' : `${findings.length} findings`);
}
