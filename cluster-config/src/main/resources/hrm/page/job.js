/** One job: a trace, the cycle and message that are chosen, and every view of them. */
import { h, Component } from './view.js';
import * as api from './api.js';
import { decidedAt, list, messagesOf, positionAt, positionOf, read } from './thought.js';
import { Board } from './board.js';
import { Convergence } from './convergence.js';
import { Exchange } from './exchange.js';
import { Inspector } from './inspector.js';
import { Menu } from './menu.js';
import { Slider } from './slider.js';
import { Time } from './time.js';
import { outcome } from './filters.js';
import { clock, count, duration, nodeName, plural, printable } from './format.js';
import { diffLink, go, jobLink, note } from './route.js';

const STEP_MILLIS = 350;

function Facts({ job }) {
  const facts = [['Model', printable(job.model, 60)], ['Planner on', nodeName(job.node)], ['Segments', count(job.segments)],
    ['Duration', duration(job.duration_nanos)], ['Halted by', printable(job.reason, 40)], ['Started', clock(job.started)],
    ...(job.handovers > 0 ? [['Handed over', plural(job.handovers, 'time')]] : [])];
  return h('dl', { class: 'job-facts' }, facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

function Attempts({ thought, onAttempt }) {
  const attempts = list(thought.trace.attempts);
  if (attempts.length < 2) return null;
  return h('label', { class: 'inline' }, 'Attempt ', h('select', { name: 'attempt', value: String(thought.trace.attempt), onChange: (e) => onAttempt(e.currentTarget.value) },
    attempts.map((n) => h('option', { value: String(n), selected: n === thought.trace.attempt }, `${count(n)} of ${count(Math.max(...attempts))}`))));
}

function Exports({ id }) {
  const formats = [['perfetto', 'Perfetto'], ['shiviz', 'ShiViz'], ['otlp', 'OTLP'], ['jsonl', 'JSON lines']];
  return h(Menu, { title: 'Export' },
    h('ul', null, formats.map(([format, name]) => h('li', null, h('a', { href: api.download(id, format), download: '' }, name))),
      h('li', null, h('a', { href: api.events(id) }, 'Raw events'))));
}

class Compare extends Component {
  submit = (event) => {
    event.preventDefault();
    const other = new FormData(event.currentTarget).get('other');
    if (other) go(diffLink(this.props.id, other));
  };

  render({ id, thought }) {
    const { attempt } = thought.trace;
    const others = list(thought.trace.attempts).filter((n) => n !== attempt);
    return h(Menu, { title: 'Compare' },
      h('div', null,
        h('form', { onSubmit: this.submit }, h('label', null, 'with job', h('input', { name: 'other', autocomplete: 'off', spellcheck: false })), h('button', null, 'Compare')),
        others.length > 0 && h('ul', null, others.map((n) => h('li', null,
          h('a', { href: diffLink(id, id, { attempt_a: n, attempt_b: attempt }) }, `with attempt ${count(n)}`))))));
  }
}

/** What is known to be missing from the trace. */
function Missing({ thought }) {
  const { trace, lost, messages } = thought;
  const holes = lost.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
  const said = [
    trace.runs > 1 && `The attempt was run ${trace.runs} times, since its gateway gave it back: this is the last run.`,
    trace.truncated && 'The trace is longer than the node keeps: it is cut short.',
    holes > 0 && `${plural(holes, 'event')} are missing in ${plural(lost.length, 'gap')}.`,
    trace.job?.dropped > 0 && `${plural(trace.job.dropped, 'event')} were dropped while recording.`,
    messages.some((m) => m.lost) && `${plural(messages.filter((m) => m.lost).length, 'message')} never arrived.`,
  ].filter(Boolean);
  return said.length ? h('p', { class: 'notice' }, said.join(' ')) : null;
}

/** What an address names, if it is there. */
const cycleAt = (thought, { cycle }) => (cycle && Number.isInteger(Number(cycle)) ? positionAt(thought, Number(cycle)) : undefined);
const messageAt = ({ messages }, { message }) => messages.find((m) => named(m) === String(message));

/** A message in an address: its number, and from an attempt's second planner on which planner's. */
const named = ({ hand, sequence }) => (hand > 1 ? `${hand}.${sequence}` : String(sequence));

export class Job extends Component {
  state = { thought: null, position: 0, message: null, playing: false, error: null, live: false, decided: -1 };

  componentDidMount() {
    document.title = `${printable(this.props.id, 60)} · HRM traces`;
    this.attempt = this.props.query.attempt;
    this.sought = this.props.query; // where to go once there is a trace
    this.load();
    this.listen();
    const by = (n) => () => this.move(this.state.position + n);
    this.props.keys({ ArrowLeft: by(-1), ArrowRight: by(1), Home: () => this.move(0), End: () => this.move(Infinity),
      PageUp: () => this.segment(-1), PageDown: () => this.segment(1), ' ': this.play, '[': () => this.message(-1), ']': () => this.message(1) });
  }

  /** The address was changed by hand: each time it is read it is another object, though it may say what it said before. */
  componentDidUpdate({ query }) {
    if (query !== this.props.query) this.typed(this.props.query);
  }

  componentWillUnmount() {
    this.gone = true;
    this.stop?.();
    clearInterval(this.timer);
  }

  async load() {
    const { attempt } = this;
    const wanted = () => !this.gone && attempt === this.attempt;
    try {
      const trace = await api.trace(this.props.id, attempt);
      if (wanted()) this.show(trace);
    } catch (failure) {
      if (wanted()) this.setState({ error: failure.message });
    }
  }

  listen() {
    this.stop = api.followTrace(this.props.id, (trace) => this.show(trace), (live, missed) => {
      if (missed) this.load();
      this.setState({ live });
      if (!live && this.state.thought && !this.state.thought.running) this.stop(); // it has halted: nothing more will come
    });
  }

  /** A new state of the trace: whoever stood at its end stays at its end. */
  show(trace) {
    const { thought: before, message: chosen } = this.state;
    const { attempt, sought } = this;
    const other = attempt && String(trace.attempt) !== attempt;
    const fresh = !before || sought || (attempt && before.trace.attempt !== trace.attempt);
    if (other || (!fresh && api.older(trace.job, this.shown))) return this.tell(trace);
    this.shown = trace.job;
    this.sought = null;
    const known = before?.trace;
    const thought = read(api.older(trace.job, known?.job) ? { ...trace, job: known.job, attempts: known.attempts } : trace);
    const last = Math.max(0, thought.cycles.length - 1);
    let { position } = this.state;
    if (sought) position = cycleAt(thought, sought) ?? last;
    else if (known?.attempt !== trace.attempt || position >= before.cycles.length - 1) position = last;
    position = Math.min(position, last);
    const message = this.follow(position, thought, messageAt(thought, sought ?? { message: chosen && named(chosen) }));
    this.setState({ thought, position, message, error: null, decided: decidedAt(thought) });
  }

  /** What the trace of another attempt says of the job, while one is looked at. */
  tell({ job, attempts }) {
    const { thought } = this.state;
    if (!thought || api.older(job, thought.trace.job)) return;
    this.setState({ thought: { ...thought, trace: { ...thought.trace, job, attempts }, running: job?.state !== 'halted' } });
  }

  /** Goes where an address says, from wherever the page has moved since it last read one. */
  typed(query) {
    const { thought, position, message } = this.state;
    if (!thought || query.attempt !== this.attempt) {
      this.attempt = query.attempt;
      this.sought = query;
      this.load();
      return;
    }
    const at = cycleAt(thought, query) ?? position;
    const named = messageAt(thought, query);
    if (at !== position) this.move(at, named);
    else if (named && named !== message) this.choose(named);
  }

  address({ position, message, thought }) {
    note(jobLink(this.props.id, { attempt: this.attempt, cycle: thought.cycles[position]?.index, message: message && named(message) }));
  }

  move = (wanted, shown) => {
    const { thought } = this.state;
    if (!thought) return;
    const position = Math.max(0, Math.min(thought.cycles.length - 1, wanted));
    const message = this.follow(position, thought, shown);
    this.setState({ position, message });
    this.address({ ...this.state, position, message });
  };

  /** The message to show with a cycle: of the kind that was shown before, if there is one. */
  follow(position, thought = this.state.thought, shown = this.state.message) {
    const [from, until] = messagesOf(thought, position);
    if (shown && shown.view.index >= from && shown.view.index < until) return shown;
    const among = thought.messages.slice(from, until);
    return among.find((m) => m.type === (shown?.type ?? 'Think')) ?? among[0] ?? null;
  }

  choose = (message) => {
    const position = positionOf(this.state.thought, message);
    this.setState({ message, position });
    this.address({ ...this.state, message, position });
  };

  /** From no message, to the first of this cycle. */
  message(by) {
    const { thought, message, position } = this.state;
    if (!thought) return;
    const index = message ? message.view.index + by : messagesOf(thought, position)[0];
    const next = thought.messages[index];
    if (next) this.choose(next);
  }

  segment(by) {
    const { cycles } = this.state.thought ?? { cycles: [] };
    const now = cycles[this.state.position]?.segment;
    if (now === undefined) return;
    let at = this.state.position;
    while (cycles[at]?.segment === now) at += by;
    if (by < 0 && at > 0) while (cycles[at - 1]?.segment === cycles[at].segment) at -= 1; // to its beginning
    this.move(at);
  }

  play = () => {
    clearInterval(this.timer);
    const { playing, thought, position } = this.state;
    if (playing || !thought) return this.setState({ playing: false });
    if (position >= thought.cycles.length - 1) this.move(0);
    this.setState({ playing: true });
    this.timer = setInterval(() => {
      if (this.state.position < this.state.thought.cycles.length - 1) return this.move(this.state.position + 1);
      clearInterval(this.timer);
      return this.setState({ playing: false });
    }, STEP_MILLIS);
  };

  pickAttempt = (attempt) => {
    this.attempt = attempt;
    this.sought = null;
    this.setState({ message: null });
    note(jobLink(this.props.id, { attempt }));
    this.load();
  };

  render({ id }, { thought, position, message, playing, error, live, decided }) {
    if (!thought) {
      return h('main', { class: 'job' }, h('h1', null, printable(id, 200)),
        h('p', { class: error ? 'notice bad' : 'empty', role: error ? 'alert' : 'status' }, error ? printable(error) : 'Fetching the trace…'));
    }
    const job = thought.trace.job ?? {};
    const what = outcome(job);
    return h('main', { class: 'job' },
      h('div', { class: 'job-head' },
        h('h1', { title: printable(id, 1000) }, printable(id, 120)), h('span', { class: `state ${what}` }, what),
        thought.running && h('span', { class: `live${live ? ' on' : ''}`, role: 'status' }, live ? 'live' : 'not connected'),
        h('div', { class: 'actions' }, h(Attempts, { thought, onAttempt: this.pickAttempt }), h(Compare, { id, thought }), h(Exports, { id }))),
      h(Facts, { job }), h(Missing, { thought }), error && h('p', { class: 'notice bad', role: 'alert' }, printable(error)),
      h(Slider, { thought, position, playing, decided, onPosition: this.move, onPlay: this.play }),
      h('div', { class: 'views' },
        h(Board, { thought, position, decided }),
        h(Convergence, { thought, position, decided, onPosition: this.move }),
        h(Exchange, { thought, position, message, onMessage: this.choose }),
        h(Time, { thought, position, message, onMessage: this.choose, onPosition: this.move }),
        h(Inspector, { thought, message, onMessage: this.choose })));
  }
}
