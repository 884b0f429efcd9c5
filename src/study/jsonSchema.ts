/**
 * The JSON Schemas that let an editor complete and check scenarios and rule files. They describe
 * what may be written: a decimal as a number or a text, a boolean as such, although we read the text.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ruleSetSchema } from '../rules/ruleSetSchema.ts';
import { scenarioSchema } from './scenarioSchema.ts';

/** Where the schemas of this package lie. */
export const SCHEMA_FOLDER = fileURLToPath(new URL('../../scenarios/schema', import.meta.url));

type Json = Record<string, unknown>;

const WRITTEN_AS: Readonly<Record<string, unknown>> = {
  decimal: ['number', 'string'],
  whole: ['integer', 'string'],
  boolean: ['boolean', 'string'],
  any: ['string', 'number', 'boolean'],
};

/** File name -> content, as `exportSchemas` writes it. */
export function schemaFiles(): Readonly<Record<string, string>> {
  const rules = jsonSchema(ruleSetSchema, 'A rule set of a venue');
  // A variant holds only what differs, so with `extends` nothing else is required.
  const free = loose(rules);
  const extending = {
    ...free,
    properties: { extends: { type: 'string' }, ...(free.properties as Json) },
    required: ['id', 'title', 'sources'],
    anyOf: [{ required: ['extends'] }, { required: rules.required }],
  };
  const written = {
    'rules.schema.json': extending,
    'scenario.schema.json': jsonSchema(scenarioSchema, 'A scenario'),
  };
  return Object.fromEntries(
    Object.entries(written).map(([name, json]) => [name, `${JSON.stringify(json, null, 2)}\n`]),
  );
}

/** Writes the schema files into a folder. */
export function exportSchemas(folder: string = SCHEMA_FOLDER): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(schemaFiles())) writeFileSync(join(folder, name), content);
}

function jsonSchema(schema: z.ZodType, title: string): Json {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    override: ({ jsonSchema: node }) => asWritten(node as Json),
  });
  return { title, ...(json as Json) };
}

function asWritten(node: Json): void {
  const scalar = node.scalar;
  if (typeof scalar !== 'string') return;
  delete node.scalar;
  node.type = WRITTEN_AS[scalar];
  if (scalar === 'boolean') node.enum = [true, false, 'true', 'false'];
}

/** A variant may leave out any name of any map; rows of lists stay whole. */
function loose(json: Json): Json {
  const { required: _, ...rest } = json;
  const inner = rest.properties === undefined ? {} : { properties: mapped(rest.properties as Json) };
  const others =
    typeof rest.additionalProperties === 'object'
      ? { additionalProperties: loose(rest.additionalProperties as Json) }
      : {};
  return { ...rest, ...inner, ...others };
}

const mapped = (properties: Json): Json =>
  Object.fromEntries(Object.entries(properties).map(([name, item]) => [name, loose(item as Json)]));
