/** Two jobs, or two attempts of one, side by side: where they first part. */
import { h, Component, createRef, measure } from './view.js';
import * as api from './api.js';
import { positionAt, read } from './thought.js';
import { Grid, characters } from './board.js';
import { curves, residualRange, MARKS } from './convergence.js';
import { decades, linear, logarithmic, powerOfTen, wholeTicks } from './chart.js';
import { Slider } from './slider.js';
import { outcome } from './filters.js';
import { count, duration, nodeName, printable } from './format.js';
import { diffLink, jobLink, note } from './route.js';

const differs = (a, b, key) => JSON.stringify(a?.[key]) !== JSON.stringify(b?.[key]);

/** Position of the first of two lists' elements that differ by `other`, or -1. */
function parting(a, b, other) {
  const most = Math.max(a.length, b.length);
  for (let i = 0; i < most; i++) if (!a[i] || !b[i] || other(a[i], b[i])) return i;
  return -1;
}

/** First differences of two thoughts: positions among cycles, among messages for `messages`. */
export function divergence(a, b) {
  const by = (...keys) => parting(a.cycles, b.cycles, (x, y) => keys.some((key) => differs(x, y, key)));
  return {
    puzzle: a.board.puzzle !== b.board.puzzle,
    residuals: by('z_l_residuals', 'z_h_residual'),
    board: by('board'),
    halting: by('q_halt', 'q_continue', 'solved'),
    placement: by('worker_node', 'planner_node'),
    messages: parting(a.messages, b.messages, (x, y) => x.type !== y.type || x.segment !== y.segment || x.cycle !== y.cycle),
  };
}

export function differingCells(a, b) {
  const [x, y] = [characters(a), characters(b)];
  return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => i).filter((i) => x[i] !== y[i]);
}

function Verdict({ found, onPosition, a, b, differing }) {
  const place = (i) => {
    const at = a.cycles[i] ?? b.cycles[i];
    return h('button', { class: 'link', onClick: () => onPosition(i) }, `cycle ${count(i + 1)} (segment ${count(at?.segment)}, cycle ${count(at?.cycle)})`);
  };
  const line = (name, i) => h('li', null, h('span', null, name), i < 0 ? 'the same throughout' : place(i));
  const parts = [found.residuals, found.board, found.halting].filter((i) => i >= 0);
  return h('section', { class: 'panel verdict', 'aria-label': 'First divergence' },
    h('h2', null, 'First divergence', h('span', { class: 'mark' }, found.puzzle ? 'different puzzles' : parts.length ? `cycle ${count(Math.min(...parts) + 1)}` : 'none')),
    h('ul', null, line('Residuals', found.residuals), line('Board', found.board), line('Halting head', found.halting), line('Nodes', found.placement),
      h('li', null, h('span', null, 'Messages'), found.messages < 0 ? 'the same throughout'
        : `message ${count(found.messages + 1)}: ${printable(a.messages[found.messages]?.type ?? 'none', 24)} against ${printable(b.messages[found.messages]?.type ?? 'none', 24)}`),
      h('li', null, h('span', null, h('i', { class: 'swatch differing' }), 'Cells that differ now'), `${count(differing.length)} of ${count(characters(a.board.puzzle).length)}`)));
}

class Both extends Component {
  frame = createRef();
  state = { width: 600 };

  componentDidMount() {
    this.unmeasure = measure(this.frame.current, (width) => this.setState({ width: Math.max(width, 240) }));
  }

  componentWillUnmount() {
    this.unmeasure();
  }

  render({ a, b, position, parted }, { width }) {
    const most = Math.max(a.cycles.length, b.cycles.length, 1);
    const x = linear(0, most, 46, width - 10);
    const [low, high] = residualRange(a, b);
    const y = logarithmic(low, high, 200, 12);
    return h('section', { class: 'panel convergence', 'aria-label': 'Convergence of both' },
      h('h2', null, 'Convergence', h('span', { class: 'hint' }, 'second job dashed')),
      h('div', { class: 'plot', ref: this.frame }, h('svg', { class: 'marker', width, height: 224, 'aria-hidden': 'true' },
        h('rect', { class: 'now', x: x(position), y: 4, width: Math.max(2, x(1) - x(0)), height: 200 })),
      h('svg', { class: 'curves', width, height: 224, role: 'img', 'aria-label': 'Forward residuals of both jobs' },
        decades(low, high, 6).map((v) => [h('path', { class: 'rule', d: `M46 ${y(v)}H${width - 10}` }), h('text', { class: 'tick', x: 39, y: y(v) + 3.5, 'text-anchor': 'end' }, powerOfTen(v))]),
        parted >= 0 && h('path', { class: 'decided', d: `M${x(parted)} 6V204` }),
        curves(a, x, y, 'first'), curves(b, x, y, 'second'),
        wholeTicks(1, most, Math.min(12, width / 60)).map((v) => h('text', { class: 'tick', x: x(v - 0.5), y: 219, 'text-anchor': 'middle' }, count(v))))),
      h('p', { class: 'legend' }, h('span', null, h('i', { class: 'swatch low' }), 'z', h('sub', null, 'L'), ' per tick'),
        h('span', null, h('i', { class: 'swatch high' }), 'z', h('sub', null, 'H'), ' per cycle')));
  }
}

function Side({ thought, position, differing, name }) {
  const job = thought.trace.job ?? {};
  const cycle = thought.cycles[Math.min(position, thought.cycles.length - 1)];
  const mark = MARKS[thought.trace.convergence?.mark];
  return h('section', { class: 'panel board side', 'aria-label': name },
    h('h2', null, h('a', { href: jobLink(job.id, { attempt: thought.trace.attempt, cycle: cycle?.index }), title: printable(job.id, 300) }, printable(job.id, 40)),
      h('span', { class: `state ${outcome(job)}` }, outcome(job))),
    h('p', { class: 'hint' }, [`attempt ${count(thought.trace.attempt)}`, `${count(job.segments)} segments`, duration(job.duration_nanos), nodeName(job.node), mark].filter(Boolean).join(' · ')),
    h('div', { class: 'grid-frame' }, h(Grid, { board: thought.board, cycle, differing, label: `${name}: board after cycle ${Math.min(position + 1, thought.cycles.length)}, ${differing.length} cells differ` })));
}

export class Diff extends Component {
  state = { a: null, b: null, position: 0, error: null, playing: false };

  componentDidMount() {
    const [a, b] = this.props.ids;
    document.title = `${printable(a, 40)} and ${printable(b, 40)} · HRM traces`;
    const by = (n) => () => this.move(this.state.position + n);
    this.props.keys({ ArrowLeft: by(-1), ArrowRight: by(1), Home: () => this.move(0), End: () => this.move(Infinity),
      ' ': () => this.state.a && this.play() });
    this.load(a, b);
  }

  componentWillUnmount() {
    this.gone = true;
    clearInterval(this.timer);
  }

  async load(idA, idB) {
    const { attempt_a, attempt_b, cycle } = this.props.query;
    try {
      const [a, b] = (await Promise.all([api.trace(idA, attempt_a), api.trace(idB, attempt_b)])).map(read);
      if (this.gone) return;
      const found = divergence(a, b);
      const parted = [found.residuals, found.board, found.halting].filter((i) => i >= 0);
      const start = cycle === undefined ? Math.min(...parted, this.last(a, b)) : positionAt(this.longer(a, b), Number(cycle));
      this.setState({ a, b, found, parted: parted.length ? Math.min(...parted) : -1, position: start });
    } catch (failure) {
      if (!this.gone) this.setState({ error: failure.message });
    }
  }

  longer = (a, b) => (a.cycles.length >= b.cycles.length ? a : b);
  last = (a, b) => Math.max(0, this.longer(a, b).cycles.length - 1);

  move = (wanted) => {
    const { a, b } = this.state;
    if (!a) return;
    const position = Math.max(0, Math.min(this.last(a, b), wanted));
    this.setState({ position });
    const { attempt_a, attempt_b } = this.props.query;
    note(diffLink(...this.props.ids, { attempt_a, attempt_b, cycle: this.longer(a, b).cycles[position]?.index }));
  };

  play = () => {
    clearInterval(this.timer);
    const playing = !this.state.playing;
    this.setState({ playing });
    if (!playing) return;
    this.timer = setInterval(() => {
      if (this.state.position < this.last(this.state.a, this.state.b)) this.move(this.state.position + 1);
      else this.play();
    }, 350);
  };

  render(_, { a, b, found, parted, position, error, playing }) {
    if (!a) {
      return h('main', { class: 'job' }, h('h1', null, 'Compare'),
        h('p', { class: error ? 'notice bad' : 'empty', role: error ? 'alert' : 'status' }, error ? printable(error) : 'Fetching both traces…'));
    }
    const at = (thought) => thought.cycles[Math.min(position, thought.cycles.length - 1)]?.board ?? thought.board.puzzle;
    const differing = differingCells(at(a), at(b));
    return h('main', { class: 'job diff' }, h('h1', null, 'Compare'),
      h(Slider, { thought: this.longer(a, b), position, playing, decided: parted, onPosition: this.move, onPlay: this.play }),
      h('div', { class: 'views' }, h(Verdict, { found, onPosition: this.move, a, b, differing }), h(Both, { a, b, position, parted }),
        h(Side, { thought: a, position, differing, name: 'First' }), h(Side, { thought: b, position, differing, name: 'Second' })));
  }
}
