/** Duration against segments, one dot a job: drag to keep what lies in a rectangle, click for one job or one column. */
import { h, Pure, createRef, measure } from './view.js';
import { decades, linear, logarithmic, wholeTicks } from './chart.js';
import { outcome } from './filters.js';
import { count, duration } from './format.js';

const MARGIN = { left: 58, right: 12, top: 10, bottom: 24 };
const HEIGHT = 180;
const DOT = 2.6;
const KINDS = ['solved', 'running', 'failed']; // what is rarer is drawn over what is common

/** Jobs that have both, the scales that hold them, and where each stands. */
function layout(jobs, width) {
  const shown = jobs.filter((job) => job.segments >= 0 && job.duration_nanos > 0);
  const most = shown.reduce((max, job) => Math.max(max, job.segments), 4);
  const [low, high] = shown.reduce(([a, b], { duration_nanos: d }) => [Math.min(a, d), Math.max(b, d)], [Infinity, 0]);
  const [from, to] = high ? [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)] : [1e6, 1e9];
  const x = linear(0, most + 0.5, MARGIN.left, width - MARGIN.right);
  const y = logarithmic(from, to, HEIGHT - MARGIN.bottom, MARGIN.top);
  return { jobs, width, shown, most, from, to, x, y };
}

export class Scatter extends Pure {
  canvas = createRef();
  frame = createRef();
  state = { width: 600, drag: null };

  componentDidMount() {
    this.unmeasure = measure(this.frame.current, (width) => this.setState({ width: Math.max(width, 200) }));
    this.scheme = new MutationObserver(() => this.redraw());
    this.scheme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.redraw = () => {
      this.colours = null;
      this.draw();
    };
    this.dark.addEventListener('change', this.redraw);
    this.draw();
  }

  componentWillUnmount() {
    this.unmeasure();
    this.scheme.disconnect();
    this.dark.removeEventListener('change', this.redraw);
  }

  componentDidUpdate(before, was) {
    if (before.jobs !== this.props.jobs || before.kept !== this.props.kept || was.width !== this.state.width) this.draw();
  }

  palette() {
    const probe = (kind) => getComputedStyle(this.frame.current.querySelector(`.probe.${kind}`)).color;
    return Object.fromEntries([...KINDS, 'ink', 'rule'].map((kind) => [kind, probe(kind)]));
  }

  draw() {
    const { jobs, kept } = this.props;
    const { width } = this.state;
    const canvas = this.canvas.current;
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = HEIGHT * ratio;
    const g = canvas.getContext('2d');
    g.scale(ratio, ratio);
    g.clearRect(0, 0, width, HEIGHT);
    this.colours ??= this.palette();
    const { colours } = this;
    if (this.layout?.jobs !== jobs || this.layout.width !== width) this.layout = layout(jobs, width);
    this.axes(g, colours);
    const among = new Set(kept);
    this.dots(g, 0.12, this.layout.shown.filter((job) => !among.has(job)));
    this.dots(g, 0.75, this.layout.shown.filter((job) => among.has(job)));
    g.globalAlpha = 1;
  }

  /** One dot a pixel and kind: thousands of jobs stand on a few hundred places. */
  dots(g, alpha, jobs) {
    g.globalAlpha = alpha;
    for (const kind of KINDS) {
      const taken = new Set();
      g.fillStyle = this.colours[kind];
      for (const job of jobs) {
        if (outcome(job) !== kind) continue;
        const [x, y] = [Math.round(this.layout.x(job.segments)), Math.round(this.layout.y(job.duration_nanos))];
        if (taken.has(x * HEIGHT + y)) continue;
        taken.add(x * HEIGHT + y);
        g.beginPath();
        g.arc(x, y, DOT, 0, 7);
        g.fill();
      }
    }
  }

  axes(g, colours) {
    const { x, y, most, from, to } = this.layout;
    g.font = '11px system-ui, sans-serif';
    g.fillStyle = colours.ink;
    g.strokeStyle = colours.rule;
    g.textAlign = 'right';
    g.textBaseline = 'middle';
    for (const value of decades(from, to, 5)) {
      const at = Math.round(y(value)) + 0.5;
      g.beginPath();
      g.moveTo(MARGIN.left, at);
      g.lineTo(this.state.width - MARGIN.right, at);
      g.stroke();
      g.fillText(duration(value).replace(/\.0+ /, ' '), MARGIN.left - 8, at);
    }
    g.textAlign = 'center';
    g.textBaseline = 'top';
    for (const value of wholeTicks(0, most, 8)) g.fillText(count(value), x(value), HEIGHT - MARGIN.bottom + 8);
  }

  at(event) {
    const box = this.canvas.current.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  nearest([px, py]) {
    const { shown, x, y } = this.layout;
    let [best, distance] = [null, 64];
    for (const job of shown) {
      const d = (x(job.segments) - px) ** 2 + (y(job.duration_nanos) - py) ** 2;
      if (d < distance) [best, distance] = [job, d];
    }
    return best;
  }

  /** Values under a rectangle of pixels, rounded outwards. */
  under([x0, y0, x1, y1]) {
    const { most, from, to } = this.layout;
    const segments = linear(MARGIN.left, this.state.width - MARGIN.right, 0, most + 0.5);
    const millis = (py) => 10 ** linear(HEIGHT - MARGIN.bottom, MARGIN.top, Math.log10(from), Math.log10(to))(py) / 1e6;
    const round = (value) => String(Number(value.toPrecision(3)));
    return { smin: String(Math.max(0, Math.ceil(segments(x0)))), smax: String(Math.max(0, Math.floor(segments(x1)))),
      dmin: round(millis(y1)), dmax: round(millis(y0)) };
  }

  down = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    this.setState({ drag: [this.at(event), this.at(event)] });
  };

  move = (event) => this.state.drag && this.setState({ drag: [this.state.drag[0], this.at(event)] });

  up = (event) => {
    const { drag } = this.state;
    this.setState({ drag: null });
    if (!drag) return;
    const [[ax, ay], [bx, by]] = [drag[0], this.at(event)];
    if (Math.hypot(ax - bx, ay - by) > 6) {
      this.props.onRange(this.under([Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)]));
      return;
    }
    const job = this.nearest([bx, by]);
    if (job) this.props.onJob(job);
    else {
      const column = String(Math.max(0, Math.round(linear(MARGIN.left, this.state.width - MARGIN.right, 0, this.layout.most + 0.5)(bx))));
      this.props.onRange({ smin: column, smax: column });
    }
  };

  render({ jobs, kept }, { width, drag }) {
    const [[ax, ay], [bx, by]] = drag ?? [[0, 0], [0, 0]];
    return h('figure', { class: 'scatter' },
      h('figcaption', null, 'Duration against segments', h('span', { class: 'hint' }, 'drag to keep a part, click a dot for its job')),
      h('div', { class: 'plot', ref: this.frame },
        [...KINDS, 'ink', 'rule'].map((kind) => h('i', { class: `probe ${kind}` })),
        h('canvas', { ref: this.canvas, style: { width: `${width}px`, height: `${HEIGHT}px` }, role: 'img',
          'aria-label': `Duration against segments of ${count(jobs.length)} jobs, ${count(kept.length)} of them kept by the filter. The fields for segments and duration filter likewise.`,
          onPointerDown: this.down, onPointerMove: this.move, onPointerUp: this.up, onPointerCancel: () => this.setState({ drag: null }) }),
        drag && h('svg', { class: 'brush', width, height: HEIGHT, 'aria-hidden': 'true' },
          h('rect', { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) }))),
      h('div', { class: 'axis-name', 'aria-hidden': 'true' }, 'segments'));
  }
}
