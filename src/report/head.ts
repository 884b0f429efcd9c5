/** How every page begins: what it may load, its title and style, and the way past its head for keyboards. */
import { type Html, html, trusted } from './html.ts';
import { STYLE } from './style.ts';

/** A page without scripts: style and still pictures of its own, nothing from a network. */
const STILL =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** What differs between pages. */
interface Head {
  readonly title: string;
  /** The program that made the page. */
  readonly code: string;
  /** Content-Security-Policy; of a page without scripts by default. */
  readonly policy?: string;
  /** Style of this page beside that of all. */
  readonly style?: string;
}

/** Everything up to the page's own header. */
export const pageHead = ({ title, code, policy = STILL, style = '' }: Head): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="cascade-replay ${code}">
<title>${title} \u2013 cascade replay</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>`;
