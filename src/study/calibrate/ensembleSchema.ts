/** The form of an ensemble file, which `cascade calibrate` writes and `compare` and `sweep` read. */
import { z } from 'zod';
import { anyText, flag, list, strict, text, word } from '../../rules/fieldSchema.ts';
import { REMEDY_MARK } from '../../rules/treeSchema.ts';

const JSON_NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const number = z
  .string({ error: () => `not a number${REMEDY_MARK}Write a JSON number.` })
  .transform((input, context) => {
    const value = JSON_NUMBER.test(input) ? Number(input) : Number.NaN;
    if (Number.isFinite(value)) return value;
    context.addIssue({ code: 'custom', message: `not a number: ${input}${REMEDY_MARK}Write a JSON number.` });
    return z.NEVER;
  });

/** 5, 50 and 95 % quantiles. */
const band = strict({ low: number, median: number, high: number });

const target = strict({
  what: text,
  market: text,
  /** UTC instants: the part of the window that the figure covers. */
  from: text,
  until: text,
  /** As published, or the geometric mean of several readings. */
  observed: number,
  unit: text,
  /** Standard deviation of its natural logarithm. */
  sigmaLn: number,
  /** Why this tolerance. */
  tolerance: text,
  sources: list(text),
  notes: list(text).default([]),
  /** `fit`: the draws were chosen by it; `check`: they were not, and it tells how well they predict. */
  role: word('fit', 'check'),
  /** What the kept draws say of it. */
  predicted: band,
});

const parameter = strict({
  /** As an override names it. */
  path: text,
  /** In words: the distribution that it was drawn from. */
  law: text,
  /** Of all draws. */
  prior: band,
  /** Of the kept ones. */
  posterior: band,
  /** 1 - posterior 90 % width / prior 90 % width. */
  shrinkage: number,
  /** false: the figures do not say what it is. */
  identified: flag,
});

const member = strict({ seed: anyText, overrides: list(text), loss: number });

export const ensembleSchema = strict({
  format: word('1'),
  /** Id of the scenario that was fitted. */
  scenario: text,
  /** The baseline that was fitted: id of its rules, and the overrides of the call. */
  rules: text,
  overrides: list(text).default([]),
  seed: anyText,
  /** The program that fitted it. */
  code: text,
  /** Draws of which the members were kept. */
  draws: number,
  targets: list(target),
  parameters: list(parameter),
  /** Nearest first. */
  members: list(member),
});

export type Ensemble = z.output<typeof ensembleSchema>;
