/** Where the time went: per cycle for worker and planner, per message by what it waited for or did. */
import { h, Pure, createRef, measure } from './view.js';
import { PARTS, messagesOf, spent } from './thought.js';
import { Windowed } from './windowed.js';
import { count, duration, percent, printable } from './format.js';

const HEIGHT = 52;
const FOOT = 6; // below the columns: which of them is this cycle's
const SLOTS = 64; // elements are used again for other messages; more than are ever in sight

const NAMES = { mailbox: 'mailbox', compute: 'compute', serialise: 'serialise', deserialise: 'deserialise', network: 'network' };

/** Shares of a total as one bar, parts in a fixed order; `scale` is what its whole width stands for. */
function Bar({ message, scale }) {
  let from = 0;
  return h('svg', { class: 'bar', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    PARTS.map((part) => {
      const width = ((message[`${part}_nanos`] ?? 0) / scale) * 1000;
      const x = from;
      from += width;
      return width > 0 && h('rect', { class: part, x, y: 0, width: Math.max(width, 2), height: 10 });
    }));
}

const spelled = (message) =>
  PARTS.filter((part) => message[`${part}_nanos`] > 0).map((part) => `${NAMES[part]} ${duration(message[`${part}_nanos`])}`).join(', ');

class Row extends Pure {
  render({ message, scale, now, selected, onMessage }) {
    return h('button', { class: `time-row${message.critical ? ' critical' : ''}${now ? ' now' : ''}${selected ? ' selected' : ''}`,
      onClick: () => onMessage(message), title: spelled(message),
      'aria-label': `${printable(message.type, 24)} number ${count(message.sequence)}: ${spelled(message) || 'no time known'}${message.critical ? ', on the critical path' : ''}` },
      h('span', { class: 'type' }, printable(message.type, 24)), h('span', { class: 'number' }, count(message.sequence)),
      h(Bar, { message, scale }), h('span', { class: 'total' }, duration(spent(message))));
  }
}

/** Everything of the columns that does not move with the slider. */
class Columns extends Pure {
  render({ thought, step }) {
    const { cycles } = thought;
    const most = cycles.reduce((max, c) => Math.max(max, (c.worker_nanos ?? 0) + (c.planner_nanos ?? 0)), 1);
    const thick = Math.max(0.5, step - (step > 4 ? 1.5 : 0)).toFixed(2);
    let [worker, planner] = ['', ''];
    cycles.forEach((c, i) => {
      const a = ((c.worker_nanos ?? 0) / most) * HEIGHT;
      const b = ((c.planner_nanos ?? 0) / most) * HEIGHT;
      const x = (i * step).toFixed(2);
      worker += `M${x} ${HEIGHT}v${-a.toFixed(2)}h${thick}v${a.toFixed(2)}z`;
      planner += `M${x} ${(HEIGHT - a).toFixed(2)}v${-b.toFixed(2)}h${thick}v${b.toFixed(2)}z`;
    });
    return h('g', null, h('path', { class: 'low', d: worker }), h('path', { class: 'high', d: planner }));
  }
}

/** Columns of worker and planner time, one per cycle. */
class Cycles extends Pure {
  frame = createRef();
  state = { width: 400 };

  componentDidMount() {
    this.unmeasure = measure(this.frame.current, (width) => this.setState({ width }));
  }

  componentWillUnmount() {
    this.unmeasure();
  }

  render({ thought, position, onPosition }, { width }) {
    const { cycles } = thought;
    const step = width / Math.max(1, cycles.length);
    const pick = (e) => onPosition(Math.floor((e.clientX - e.currentTarget.getBoundingClientRect().left) / step));
    const now = cycles[position];
    return h('div', { class: 'cycle-times', ref: this.frame },
      h('svg', { class: 'marker', width, height: HEIGHT + FOOT, 'aria-hidden': 'true' },
        h('rect', { class: 'now', x: position * step, y: 0, width: Math.max(step, 2), height: HEIGHT }),
        h('rect', { class: 'here', x: position * step, y: HEIGHT + 2, width: Math.max(step, 2), height: FOOT - 2 })),
      h('svg', { class: 'columns', width, height: HEIGHT + FOOT, role: 'img', onClick: pick,
        'aria-label': `Time of each cycle; this one: worker ${duration(now?.worker_nanos)}, planner ${duration(now?.planner_nanos)}` },
        h(Columns, { thought, step })),
      h('p', { class: 'legend' }, h('span', null, h('i', { class: 'swatch low' }), `worker ${duration(now?.worker_nanos)}`),
        h('span', null, h('i', { class: 'swatch high' }), `planner ${duration(now?.planner_nanos)}`), h('span', { class: 'hint' }, 'in this cycle')));
  }
}
/** Sums of the parts over the critical path. */
function Critical({ thought }) {
  thought.critical ??= PARTS.map((part) => thought.messages.reduce((sum, m) => sum + (m.critical ? m[`${part}_nanos`] ?? 0 : 0), 0));
  const total = thought.critical.reduce((a, b) => a + b, 0);
  const sums = Object.fromEntries(PARTS.map((part, i) => [`${part}_nanos`, thought.critical[i]]));
  return h('div', { class: 'critical-path' },
    h('p', null, 'Critical path ', h('b', null, duration(total))),
    total > 0 && h(Bar, { message: sums, scale: total }),
    h('p', { class: 'legend' }, PARTS.map((part, i) => thought.critical[i] > 0 &&
      h('span', { title: duration(thought.critical[i]) }, h('i', { class: `swatch ${part}` }), NAMES[part], ' ', h('b', null, percent(thought.critical[i] / total))))));
}

export class Time extends Pure {
  render({ thought, position, message, onMessage, onPosition }) {
    const { messages } = thought;
    thought.slowest ??= messages.reduce((max, m) => Math.max(max, spent(m)), 1);
    const [from, until] = messagesOf(thought, position);
    const row = (i) => h(Row, { key: i % SLOTS, message: messages[i], scale: thought.slowest, now: i >= from && i < until,
      selected: messages[i] === message, onMessage });
    return h('section', { class: 'panel time', 'aria-label': 'Time' }, h('h2', null, 'Time'),
      h(Cycles, { thought, position, onPosition }), h(Critical, { thought }),
      h(Windowed, { count: messages.length, rowHeight: 26, row, label: 'Time of each message',
        focus: message ? message.view.index : from, position, message }));
  }
}
