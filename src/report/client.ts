/**
 * The page's own script: it replaces each still picture by a live one and lets all time charts zoom
 * together, by dragging, by buttons and by keys. Without it the page is complete. It reads the JSON
 * block `charts` and asks nobody for anything.
 */
export const CLIENT = `(() => {
  'use strict';
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const unpack = (p) => {
    let t = 0,
      v = 0;
    return p.t.map((dt, i) => {
      t += dt;
      v += p.v[i];
      return { t: t * p.step, v: v / p.scale, s: p.s };
    });
  };
  const live = [];
  const whole = { from: Infinity, until: -Infinity };
  for (const c of Object.values(charts))
    if (c.time) {
      whole.from = Math.min(whole.from, c.time[0]);
      whole.until = Math.max(whole.until, c.time[1]);
    }
  let shown = { ...whole };

  const clock = (ms) => {
    const d = new Date(ms);
    return (
      d.getUTCDate() +
      ' ' +
      'JanFebMarAprMayJunJulAugSepOctNovDec'.substr(d.getUTCMonth() * 3, 3) +
      ' ' +
      d.toISOString().slice(11, 16)
    );
  };

  function fit(chart) {
    if (shown.from === whole.from && shown.until === whole.until) return chart.full;
    let low = Infinity,
      high = -Infinity;
    for (const p of chart.lines)
      if (p.t >= shown.from && p.t <= shown.until) {
        low = Math.min(low, p.v);
        high = Math.max(high, p.v);
      }
    if (low > high) return chart.full;
    const margin = (high - low || Math.abs(high) || 1) * 0.06;
    return [low - margin, high + margin];
  }

  let waiting = false;
  function redraw() {
    waiting = false;
    for (const chart of live) {
      if (!chart.time) continue;
      chart.view.signal('from', shown.from).signal('until', shown.until);
      if (chart.fitted) {
        const [low, high] = fit(chart);
        chart.view.signal('yLow', low).signal('yHigh', high);
      }
      chart.view.runAsync();
      chart.says.textContent = clock(shown.from) + ' to ' + clock(shown.until) + ' UTC';
    }
  }
  function show(from, until) {
    const least = 60000,
      span = Math.min(Math.max(until - from, least), whole.until - whole.from);
    from = Math.min(Math.max(from, whole.from), whole.until - span);
    shown = { from, until: from + span };
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(redraw);
    }
  }
  const zoom = (factor) => {
    const middle = (shown.from + shown.until) / 2,
      half = ((shown.until - shown.from) * factor) / 2;
    show(middle - half, middle + half);
  };
  const move = (share) => {
    const by = (shown.until - shown.from) * share;
    show(shown.from + by, shown.until + by);
  };
  const all = () => show(whole.from, whole.until);
  const ACTIONS = [
    ['Zoom in', () => zoom(0.5)],
    ['Zoom out', () => zoom(2)],
    ['Earlier', () => move(-0.4)],
    ['Later', () => move(0.4)],
    ['Whole window', all],
  ];
  const KEYS = { '+': 0, '=': 0, '-': 1, ArrowLeft: 2, ArrowRight: 3, 0: 4 };

  function tools(chart, figure) {
    const bar = document.createElement('div');
    bar.className = 'tools';
    bar.setAttribute('role', 'group');
    bar.setAttribute('aria-label', 'Zoom of all time charts');
    for (const [label, act] of ACTIONS) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.addEventListener('click', act);
      bar.append(button);
    }
    chart.says = document.createElement('span');
    bar.append(chart.says);
    figure.querySelector('.picture').before(bar);
  }

  function dragging(chart, host) {
    const timeAt = (x) => chart.view.scale('x').invert(x - chart.view.origin()[0]);
    let start = null,
      brush = null;
    const at = (e) => e.clientX - host.getBoundingClientRect().left;
    host.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      start = at(e);
      host.setPointerCapture(e.pointerId);
    });
    host.addEventListener('pointermove', (e) => {
      if (start === null || Math.abs(at(e) - start) < 6) return;
      if (!brush) {
        brush = document.createElement('div');
        brush.className = 'brush';
        host.parentElement.append(brush);
      }
      brush.style.left = Math.min(start, at(e)) + 'px';
      brush.style.width = Math.abs(at(e) - start) + 'px';
    });
    const end = (e) => {
      if (brush && e.type === 'pointerup') {
        const ends = [timeAt(start), timeAt(at(e))].map(Number).sort((a, b) => a - b);
        show(ends[0], ends[1]);
      }
      if (brush) brush.remove();
      start = brush = null;
    };
    host.addEventListener('pointerup', end);
    host.addEventListener('pointercancel', end);
    host.addEventListener('dblclick', all);
    host.addEventListener('keydown', (e) => {
      const i = KEYS[e.key];
      if (i === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      ACTIONS[i][1]();
    });
  }

  const widthOf = (picture) => Math.max(240, Math.floor(picture.clientWidth));

  async function enliven(figure) {
    const chart = charts[figure.dataset.chart];
    if (!chart) return;
    const picture = figure.querySelector('.picture');
    const host = document.createElement('div');
    host.className = 'live';
    picture.append(host);
    chart.lines = chart.packed.flatMap(unpack);
    const spec = chart.spec,
      sets = { ...chart.rows, lines: chart.lines };
    for (const set of spec.data) if (sets[set.name]) set.values = sets[set.name];
    const width = widthOf(picture);
    spec.width = width;
    if (width < 600 && chart.time) spec.height = Math.round(spec.height * 0.8);
    try {
      chart.view = new vega.View(vega.parse(spec), { renderer: 'svg', container: host, hover: false });
      if (chart.fitted) chart.full = [chart.view.signal('yLow'), chart.view.signal('yHigh')];
      await chart.view.runAsync();
    } catch (error) {
      host.remove();
      console.error(figure.dataset.chart, error);
      return;
    }
    if (chart.time) {
      tools(chart, figure);
      picture.removeAttribute('role');
      picture.removeAttribute('aria-label');
      host.classList.add('zooms');
      host.tabIndex = 0;
      host.setAttribute('role', 'img');
      host.setAttribute(
        'aria-label',
        chart.alt + ' Arrow keys move, plus and minus zoom, 0 shows the whole window.',
      );
      dragging(chart, host);
      chart.says.textContent = clock(shown.from) + ' to ' + clock(shown.until) + ' UTC';
    }
    figure.classList.add('is-live');
    live.push(chart);
    chart.picture = picture;
  }

  let resizing = 0;
  addEventListener('resize', () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      for (const c of live) c.view.width(widthOf(c.picture)).runAsync();
    }, 150);
  });
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const d of opened) d.open = true;
  });
  addEventListener('afterprint', () => {
    for (const d of opened) d.open = false;
  });
  (async () => {
    for (const figure of document.querySelectorAll('figure[data-chart]')) await enliven(figure);
    document.documentElement.dataset.charts = String(live.length);
  })();
})();
`;
