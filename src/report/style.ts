/** The look of the page: calm, light and dark, on paper and on telephones. Charts take their colours here. */
export const STYLE = `
:root { color-scheme: light dark;
  --bg: #fbfaf8; --card: #ffffff; --ink: #1d2733; --muted: #56616d; --rule: #b9c0c8; --grid: #e8eaed;
  --link: #1f5a99;
  --long: #bf5316; --short: #2b6cb0; --index: #0b8276; --last: #a3abb4; --fund: #44539b;
  --fund-soft: #a3acd4; --accent: #a3195b;
  --c1: #2b6cb0; --c2: #0b8276; --c3: #6b5ca5; --c4: #8a6d0f; --c5: #7c8896; --c6: #bf5316; --c7: #a3195b;
  --w0: #56616d; --w1: #2b6cb0; --w2: #bf5316; --w3: #0b8276; --w4: #6b5ca5;
  --warn-bg: #fdf3e7; --warn-rule: #bf5316; --info-bg: #eef4fa; --info-rule: #2b6cb0; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #13171c; --card: #1a1f26; --ink: #e4e8ec; --muted: #a0abb6; --rule: #47525d; --grid: #272e36;
  --link: #8abdf0;
  --long: #f0985a; --short: #6fb1ee; --index: #45bfb0; --last: #77828e; --fund: #a3b2f7;
  --fund-soft: #5f6cab; --accent: #f07fb0;
  --c1: #6fb1ee; --c2: #45bfb0; --c3: #b3a3ec; --c4: #d9b84a; --c5: #8d99a6; --c6: #f0985a; --c7: #f07fb0;
  --w0: #a0abb6; --w1: #6fb1ee; --w2: #f0985a; --w3: #45bfb0; --w4: #b3a3ec;
  --warn-bg: #2a211a; --warn-rule: #f0985a; --info-bg: #18232e; --info-rule: #6fb1ee; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--bg); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  overflow-wrap: break-word; }
header, nav, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
.eyebrow { margin: 0; color: var(--muted); font-size: .85rem; }
h1 { font-size: clamp(1.5rem, 4.5vw, 2.1rem); line-height: 1.2; margin: .3rem 0 .4rem; font-weight: 650;
  letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 0 0 .35rem; font-weight: 650; }
h3 { font-size: 1rem; margin: 0 0 .25rem; font-weight: 620; line-height: 1.35; }
p { margin: 0 0 .7rem; }
small { color: var(--muted); font-size: .82em; }
small.why { display: block; min-width: 26em; }
a { color: var(--link); }
a:focus-visible, button:focus-visible, summary:focus-visible,
  [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem; z-index: 9; }
.badges { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; padding: 0; margin: .6rem 0 0; }
.badges li { border: 1px solid var(--rule); border-radius: 99px; padding: .05rem .7rem;
  font-size: .82rem; color: var(--muted); }
.badges .warn { border-color: var(--warn-rule); color: var(--warn-rule); font-weight: 600; }
nav { margin-top: 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; margin: 0; padding: .6rem 0;
  border-block: 1px solid var(--grid); font-size: .9rem; }
section { padding: 1.8rem 0 .4rem; }
section + section { border-top: 1px solid var(--grid); margin-top: 1.4rem; }
.lead { color: var(--muted); max-width: 46rem; }
.words { font-size: 1.08rem; max-width: 46rem; }
.num { white-space: nowrap; font-variant-numeric: tabular-nums; }
.range { display: inline; }
.range small { display: inline; }
.tag { display: inline-block; font-size: .68rem; font-weight: 700; letter-spacing: .04em;
  color: var(--accent); border: 1px solid currentColor; border-radius: 3px; padding: 0 .3rem;
  line-height: 1.5; vertical-align: .1em; white-space: nowrap; }
.none, .note { color: var(--muted); }
.note { font-size: .88rem; }
.warned { color: var(--warn-rule); }
.notice { border-left: 4px solid var(--info-rule); background: var(--info-bg); padding: .7rem 1rem .2rem;
  margin: .9rem 0; border-radius: 0 4px 4px 0; max-width: 50rem; }
.notice.warn { border-color: var(--warn-rule); background: var(--warn-bg); }
.notice p { font-size: .94rem; }
.caveats { color: var(--muted); font-size: .94rem; padding-left: 1.2rem; }
.scroll { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
caption span { position: sticky; left: 0; display: inline-block;
  max-width: min(100%, calc(100vw - 3.4rem)); }
caption { text-align: left; color: var(--muted); padding-bottom: .35rem; font-size: .85rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
  border-bottom: 1px solid var(--grid); }
thead th { color: var(--muted); font-weight: 600; border-bottom: 1px solid var(--rule);
  vertical-align: bottom; }
tbody th { font-weight: 500; }
.n { text-align: right; }
td.n { white-space: nowrap; }
td.n .range, td.n small { white-space: normal; }
code { font: .86em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.hash { color: var(--muted); }
.three { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; }
.three:has(details[open]) { grid-template-columns: minmax(0, 1fr); }
.card { background: var(--card); border: 1px solid var(--grid); border-radius: 6px;
  padding: .9rem 1rem .3rem; }
.card p { color: var(--muted); font-size: .9rem; }
.card ul { padding-left: 1.1rem; margin: 0 0 .6rem; font-size: .88rem; }
.count { color: var(--muted); font-weight: 400; }
details { margin: .4rem 0 .8rem; }
summary { cursor: pointer; color: var(--link); font-size: .9rem; width: fit-content; }
.terms { font-size: .88rem; display: grid; grid-template-columns: minmax(7rem, 13rem) minmax(0, 1fr);
  gap: .3rem 1rem; }
.terms dt { color: var(--muted); }
.terms dd { margin: 0; }
figure { margin: 1.1rem 0 1.8rem; background: var(--card); border: 1px solid var(--grid);
  border-radius: 6px; padding: 1rem 1rem .8rem; }
figcaption { margin-bottom: .5rem; }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; padding: 0;
  margin: .2rem 0 0; font-size: .84rem; color: var(--muted); }
.sign { display: inline-block; width: 1.25rem; margin-right: .4rem; vertical-align: middle;
  border-top: 3px solid var(--c); }
.sign.dash { border-top-style: dashed; border-top-width: 2px; }
.sign.dot { width: .6rem; height: .6rem; border: 0; border-radius: 50%; background: var(--c); }
.sign.bar { width: .8rem; height: .8rem; border: 0; background: var(--c); }
.picture { position: relative; margin-bottom: .6rem; }
.picture svg { display: block; width: 100%; height: auto; }
.narrow { display: none; }
.live { touch-action: pan-y; }
.live.zooms { cursor: crosshair; }
.is-live .wide, .is-live .narrow { display: none; }
.is-live .live svg { width: auto; max-width: 100%; }
.brush { position: absolute; top: 0; bottom: 1.6rem; background: var(--link); opacity: .15;
  pointer-events: none; }
.tools { display: flex; flex-wrap: wrap; gap: .3rem; align-items: center; margin: .5rem 0 .2rem;
  font-size: .82rem; color: var(--muted); }
.tools button { font: inherit; color: var(--ink); background: var(--bg); border: 1px solid var(--rule);
  border-radius: 4px; padding: .12rem .55rem; cursor: pointer; }
footer { color: var(--muted); font-size: .85rem; padding-block: 2rem 3rem; }
@media (max-width: 40rem) { .three { grid-template-columns: minmax(0, 1fr); }
.wide { display: none; }
.narrow { display: block; }
header, nav, main, footer { padding-inline: .9rem; }
figure { padding: .8rem .6rem .6rem; }
.terms { grid-template-columns: minmax(0, 1fr); gap: 0; }
.terms dd { margin-bottom: .5rem; } }
@media print { :root { --bg: #fff; --card: #fff; }
body { font-size: 10pt; }
nav, .skip, .tools, .brush { display: none; }
.is-live .live { display: none; }
.wide, .is-live .wide { display: block; }
.narrow, .is-live .narrow { display: none; }
figure, .notice, .card, tr { break-inside: avoid; }
h2, h3, figcaption { break-after: avoid; }
figure { border: 0; padding: 0; }
.scroll { overflow: visible; }
section { padding-top: 1rem; }
a { color: inherit; text-decoration: none; }
header, main, footer { max-width: none; padding-inline: 0; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`;
