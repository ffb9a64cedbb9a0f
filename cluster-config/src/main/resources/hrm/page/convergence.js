/** How far each state moved: z_L at every tick, z_H at every cycle, on a log scale; below it the halting head. */
import { h, Pure, createRef, measure } from './view.js';
import { decades, linear, logarithmic, path, powerOfTen, ticks, wholeTicks } from './chart.js';
import { list } from './thought.js';
import { count, digits, plural } from './format.js';

const NEAR = 80;
const [TALL, LOW, LEFT, RIGHT] = [236, 92, 46, 10];

export const MARKS = { settled: 'settled', wandering: 'wandering', 'settled-wrong': 'settled on a wrong board', thinking: 'still moving' };

/** Abscissas in cycles: tick t of L ticks, then the H step. */
const tickAt = (i, t, length) => i + (t + 0.5) / (length + 1);
const stepAt = (i, length) => i + (length + 0.5) / (length + 1);

/** Lowest and highest residual as powers of ten around the data. */
export function residualRange(...thoughts) {
  let [low, high] = [Infinity, 0];
  for (const { cycles } of thoughts) {
    for (const c of cycles) {
      for (const value of [...list(c.z_l_residuals), c.z_h_residual]) {
        if (!(value > 0) || !Number.isFinite(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (!high) return [0.1, 10];
  const pad = 1.25;
  return high / low < 10 ? [low / 2, high * 2] : [low / pad, high * pad];
}

/** Where single ticks would run together: the range of each cycle's ticks as an area. */
function envelope(cycles, x, y, [from, until]) {
  const found = cycles.slice(from, until).map((c, i) => [x(from + i + 0.5), list(c.z_l_residuals).filter((v) => v > 0)]).filter(([, v]) => v.length);
  const edge = (pick) => found.map(([at, values]) => [at, y(pick(...values))]);
  return h('path', { class: 'envelope low', d: path([...edge(Math.max), ...edge(Math.min).reverse()]) });
}

/** The curves of a thought within a range of cycles; `name` sets their class. */
export function curves({ cycles }, x, y, name = '', range = [0, cycles.length]) {
  const low = [];
  const high = [];
  const pitch = x(1) - x(0);
  for (let i = range[0]; i < range[1] && i < cycles.length; i++) {
    const c = cycles[i];
    const length = list(c.z_l_residuals).length;
    list(c.z_l_residuals).forEach((value, t) => (pitch > 3 || t === length - 1) && low.push([x(tickAt(i, t, length)), y(value)]));
    if (pitch > 3) low.push(undefined);
    high.push(c.z_h_residual === undefined ? undefined : [x(stepAt(i, length)), y(c.z_h_residual)]);
  }
  if (pitch <= 3) return [envelope(cycles, x, y, range), h('path', { class: `curve low ${name}`, d: path(low) }), h('path', { class: `curve high ${name}`, d: path(high) })];
  const spacious = pitch > 9;
  const dots = (points, r) => points.filter(Boolean).map(([cx, cy]) => h('circle', { cx: cx.toFixed(1), cy: cy.toFixed(1), r }));
  return [h('path', { class: `curve low ${name}`, d: path(low) }), h('path', { class: `curve high ${name}`, d: path(high) }),
    spacious && h('g', { class: `dots low ${name}` }, dots(low, 2)), spacious && h('g', { class: `dots high ${name}` }, dots(high, 2.8))];
}

function Frame({ y, values, width, text }) {
  return values.map((value) => [h('path', { class: 'rule', d: `M${LEFT} ${y(value).toFixed(1)}H${width - RIGHT}` }),
    h('text', { class: 'tick', x: LEFT - 7, y: y(value) + 3.5, 'text-anchor': 'end' }, text(value))]);
}

/** Everything that does not move with the slider. */
class Curves extends Pure {
  render({ thought, width, decided, from, until }) {
    const { cycles } = thought;
    const x = linear(from, until, LEFT, width - RIGHT);
    const [low, high] = residualRange(thought);
    const y = logarithmic(low, high, TALL - 8, 12);
    const heads = cycles.slice(from, until).flatMap((c, i) => (c.q_halt === undefined ? [] : [[from + i + 1, c.q_halt, c.q_continue]]));
    const all = heads.flatMap(([, a, b]) => [a, b]).filter(Number.isFinite);
    const [bottom, top] = all.length ? [Math.min(0, ...all), Math.max(0, ...all)] : [-1, 1];
    const q = linear(bottom, top, TALL + LOW - 4, TALL + 18);
    const line = (k) => path(heads.map((point) => (Number.isFinite(point[k]) ? [x(point[0]), q(point[k])] : undefined)));
    const axis = wholeTicks(from + 1, until, Math.min(12, width / 60));
    return h('g', null,
      h(Frame, { y, values: decades(low, high, 6), width, text: powerOfTen }),
      decided >= from && decided < until && h('path', { class: 'decided', d: `M${x(decided + 1)} 6V${TALL + LOW}` }),
      curves(thought, x, y, '', [from, until]),
      h(Frame, { y: q, values: ticks(bottom, top, 4), width, text: digits }),
      h('path', { class: 'zero', d: `M${LEFT} ${q(0).toFixed(1)}H${width - RIGHT}` }),
      h('path', { class: 'curve q-continue', d: line(2) }), h('path', { class: 'curve q-halt', d: line(1) }),
      heads.length < 80 && h('g', { class: 'dots q-halt' }, heads.map(([at, value]) => h('circle', { cx: x(at), cy: q(value), r: 2.4 }))),
      axis.map((value) => h('text', { class: 'tick', x: x(value) - (x(1) - x(0)) / 2, y: TALL + LOW + 16, 'text-anchor': 'middle' }, count(value))));
  }
}

/** Values at the slider, as a sentence of figures. */
function Reading({ cycle }) {
  const figures = list(cycle?.z_l_residuals);
  const shown = figures.length > 6 ? `${digits(figures[0])} … ${digits(figures.at(-1))}` : figures.map(digits).join(' → ');
  return h('p', { class: 'legend' },
    h('span', null, h('i', { class: 'swatch low' }), 'z', h('sub', null, 'L'), ' per tick ', h('b', null, shown || '–')),
    h('span', null, h('i', { class: 'swatch high' }), 'z', h('sub', null, 'H'), ' per cycle ', h('b', null, digits(cycle?.z_h_residual))),
    h('span', null, h('i', { class: 'swatch q-halt' }), 'q halt ', h('b', null, digits(cycle?.q_halt))),
    h('span', null, h('i', { class: 'swatch q-continue' }), 'q continue ', h('b', null, digits(cycle?.q_continue))));
}

export class Convergence extends Pure {
  frame = createRef();
  state = { width: 600, near: false };

  componentDidMount() {
    this.unmeasure = measure(this.frame.current, (width) => this.setState({ width: Math.max(width, 240) }));
  }

  componentWillUnmount() {
    this.unmeasure();
  }

  /** Cycles that are drawn: all, or a page of them around the slider, turned as the slider leaves it. */
  range() {
    const last = Math.max(1, this.props.thought.cycles.length);
    if (!this.state.near || last <= NEAR) return [0, last];
    const from = Math.max(0, Math.min(last - NEAR, Math.floor(this.props.position / (NEAR / 2)) * (NEAR / 2) - NEAR / 4));
    return [from, from + NEAR];
  }

  pick = (event) => {
    if (event.type === 'pointermove' && !event.buttons) return;
    const { cycles } = this.props.thought;
    const box = event.currentTarget.getBoundingClientRect();
    const at = linear(LEFT, this.state.width - RIGHT, ...this.range())(event.clientX - box.left);
    this.props.onPosition(Math.max(0, Math.min(cycles.length - 1, Math.floor(at))));
  };

  render({ thought, position, decided }, { width, near }) {
    const { cycles, trace } = thought;
    const [from, until] = this.range();
    const x = linear(from, until, LEFT, width - RIGHT);
    const mark = trace.convergence?.mark;
    const flips = trace.convergence?.flips;
    const said = MARKS[mark] ?? (thought.running ? MARKS.thinking : 'not known');
    return h('section', { class: 'panel convergence', 'aria-label': 'Convergence' },
      h('h2', null, 'Convergence', h('span', { class: `mark ${MARKS[mark] ? mark : 'thinking'}` }, said),
        decided >= 0 && h('span', { class: 'hint' }, `decided at cycle ${count(decided + 1)}`),
        flips > 0 && h('span', { class: 'hint' }, plural(flips, 'flip')),
        cycles.length > NEAR && h('button', { class: 'quiet', 'aria-pressed': near, onClick: () => this.setState({ near: !near }) }, near ? 'All cycles' : 'Near the slider')),
      h('div', { class: 'plot', ref: this.frame },
        h('svg', { class: 'marker', width, height: TALL + LOW + 22, 'aria-hidden': 'true' },
          h('rect', { class: 'now', x: x(position), y: 4, width: Math.max(2, x(1) - x(0)), height: TALL + LOW - 4 })),
        h('svg', { class: 'curves', width, height: TALL + LOW + 22, role: 'img', onPointerDown: this.pick, onPointerMove: this.pick,
          'aria-label': `Forward residuals over ${count(cycles.length)} cycles, ${said}; at this cycle z_L ${list(cycles[position]?.z_l_residuals).map(digits).join(', ')}, z_H ${digits(cycles[position]?.z_h_residual)}` },
          h(Curves, { thought, width, decided, from, until }))),
      h(Reading, { cycle: cycles[position] }));
  }
}
