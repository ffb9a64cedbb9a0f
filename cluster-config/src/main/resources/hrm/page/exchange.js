/** Who sent what to whom: a lane per actor, time runs down in causal order, only what is in sight is drawn. */
import { h, Pure, createRef, measure, narrow } from './view.js';
import { first, rowsOf } from './thought.js';
import { actorName, count, nodeName, printable } from './format.js';

const ROW = 22;
const GUTTER = 36;
const HEAD = 46;
const SPARE = 8;
const SLOTS = 64; // elements are used again for other messages when the slider jumps

const trouble = (m) => [m.retry > 0 && `retry ${m.retry}`, m.late && 'late', m.lost && 'lost'].filter(Boolean);

/** One message as an arrow; a lost one ends half-way, above whatever its sender sends next. */
function Arrow({ message, x, selected, onMessage }) {
  const { row, until, from, to } = message.view;
  const [x1, y1] = [x(from), row * ROW + ROW / 2];
  const y2 = message.lost ? y1 + ROW / 2 : until * ROW + ROW / 2;
  const self = from === to;
  const x2 = self ? x1 + 26 : message.lost ? x1 + (x(to) - x1) * 0.6 : x(to);
  const bad = trouble(message);
  const side = Math.sign(x2 - x1) || 1;
  const kind = printable(message.type, 24);
  const label = [kind, ...bad].join(' · ');
  const choose = () => onMessage(message);
  const key = (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault(); // or a space would scroll
    choose();
  };
  const end = message.lost
    ? h('path', { class: 'cross', d: `M${x2 - 5} ${y2 - 5}l10 10m0 -10l-10 10` })
    : h('path', { class: 'head', d: `M${x2} ${y2}l${-8 * side} -4.5v9z` });
  return h('g', { class: `arrow type-${/^\w+$/.test(kind) ? kind : 'other'}${bad.length ? ' trouble' : ''}${selected ? ' selected' : ''}`,
    role: 'button', tabindex: 0, 'aria-label': `${label}, number ${count(message.sequence)}, from ${actorName(message.sender)} to ${actorName(message.receiver)}`,
    onClick: choose, onKeyDown: key },
    h('rect', { class: 'hit', x: Math.min(x1, x2), y: y1 - ROW / 2, width: Math.max(30, Math.abs(x2 - x1)), height: Math.max(ROW, y2 - y1) }),
    h('path', { class: 'shaft', d: self ? `M${x1} ${y1}h26V${y2}h-20` : `M${x1} ${y1}L${x2} ${y2}` }), end,
    h('circle', { class: 'tail', cx: x1, cy: y1, r: 2.5 }),
    h('text', { x: x1 + 0.42 * (x2 - x1), y: y1 + 0.42 * (y2 - y1) - 5, 'text-anchor': 'middle' }, label));
}

const roleName = (lane) => (lane.role === 'other' ? 'caller' : lane.role);

/** As wide as the widest head, within limits; a wider one is cut short. */
function laneWidth(thought, small) {
  const [least, most, size] = small ? [62, 84, 10.5] : [92, 120, 12];
  thought.widest ??= {};
  if (thought.widest[size] === undefined) {
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = `600 ${size}px ${getComputedStyle(document.body).fontFamily}`;
    thought.widest[size] = Math.max(0, ...thought.lanes.flatMap((lane) => [roleName(lane), actorName(lane.path)])
      .map((text) => pen.measureText(text.slice(0, 40)).width));
  }
  return Math.max(least, Math.min(most, Math.ceil(thought.widest[size]) + 2));
}

function Heads({ thought, x, width, lane: wide }) {
  return h('div', { class: 'heads', style: { width: `${width}px` } },
    thought.lanes.map((lane, i) => h('div', { class: `lane-head node-${lane.colour}`, title: printable(lane.path, 300),
      style: { left: `${x(i) - wide / 2 + 1.5}px`, width: `${wide - 3}px` } },
      h('b', null, roleName(lane)), h('span', null, actorName(lane.path)))));
}

export class Exchange extends Pure {
  scroller = createRef();
  state = { top: 0, height: 460, width: 480 };

  componentDidMount() {
    this.unmeasure = measure(this.scroller.current, (width, height) => this.setState({ width, height }));
    this.setState({ height: this.scroller.current.clientHeight }, () => this.reveal(this.props));
  }

  /** Before anything is drawn, so that it is drawn once. */
  componentWillReceiveProps(next) {
    if (next.position !== this.props.position) this.reveal(next);
    else if (next.message !== this.props.message) this.reveal(next, next.message?.view);
  }

  componentWillUnmount() {
    this.unmeasure();
  }

  componentDidUpdate() {
    if (this.wanted === undefined) return;
    this.scroller.current.scrollTop = this.wanted;
    this.wanted = undefined;
  }

  /** Scrolls to the cycle, or to a message chosen elsewhere, if it is out of sight. */
  reveal({ thought, position }, view) {
    const { top, height } = this.state;
    const [from, until] = view ? [view.row, view.until + 1] : rowsOf(thought, position);
    const [above, below] = [from * ROW, until * ROW];
    const room = height - HEAD;
    if (above >= top && below <= top + room) return;
    const wanted = above - Math.max(ROW, (room - (below - above)) / 3);
    this.wanted = Math.max(0, Math.min(wanted, (thought.orders.length + 1) * ROW - room));
    this.setState({ top: this.wanted });
  }

  visible(fromRow, untilRow) {
    const { messages, longest } = this.props.thought;
    const start = first(messages, (m) => m.view.row >= fromRow - longest);
    const shown = [];
    for (let i = start; i < messages.length && messages[i].view.row <= untilRow; i++) {
      if (messages[i].view.until >= fromRow) shown.push(messages[i]);
    }
    return shown;
  }

  /** Labels of the cycles that begin in sight, and the band of the one that the slider is on. */
  bands(fromRow, untilRow, width) {
    const { thought, position } = this.props;
    const marks = [];
    const start = first(thought.ends, (end) => end >= fromRow);
    for (let i = start; i < thought.cycles.length && rowsOf(thought, i)[0] <= untilRow; i++) {
      const [row, end] = rowsOf(thought, i);
      const { segment, cycle } = thought.cycles[i];
      if (i === position) marks.push(h('rect', { class: 'now', x: 0, y: row * ROW, width, height: Math.max(ROW, (end - row) * ROW) }));
      marks.push(h('path', { class: cycle === 1 ? 'segment-line' : 'cycle-line', d: `M0 ${row * ROW}H${width}` }),
        h('text', { class: `place${i === position ? ' here' : ''}`, x: 8, y: row * ROW + 15 }, `${count(segment)}.${count(cycle)}`));
    }
    for (const gap of thought.lost) {
      const row = thought.rowOf.get(gap.order);
      if (row < fromRow || row > untilRow) continue;
      marks.push(h('rect', { class: 'gap', x: 0, y: row * ROW + 3, width, height: ROW - 6 }),
        h('text', { class: 'gap-text', x: width / 2, y: row * ROW + 15, 'text-anchor': 'middle' }, `events ${count(gap.from)} to ${count(gap.to)} are missing`));
    }
    return marks;
  }

  render({ thought, message, onMessage }, { top, height, width: room }) {
    const lanes = Math.max(1, thought.lanes.length);
    const wide = laneWidth(thought, narrow.matches);
    const width = Math.max(room, GUTTER + lanes * wide);
    const pitch = (width - GUTTER) / lanes;
    const x = (lane) => GUTTER + (lane + 0.5) * pitch;
    const fromRow = Math.max(0, Math.floor(top / ROW) - SPARE);
    const untilRow = Math.ceil((top + height) / ROW) + SPARE;
    const [y, high] = [fromRow * ROW, Math.min(thought.orders.length + 1, untilRow) * ROW - fromRow * ROW];
    const shown = this.visible(fromRow, untilRow);
    const slots = shown.length && shown.at(-1).view.index - shown[0].view.index < SLOTS ? SLOTS : Infinity;
    thought.bad ??= thought.messages.filter((m) => m.lost || m.late || m.retry > 0).length;
    const { bad } = thought;
    return h('section', { class: 'panel exchange', 'aria-label': 'Exchange of messages' },
      h('h2', null, 'Exchange', h('span', { class: 'hint' }, `${count(thought.messages.length)} messages${bad ? `, ${count(bad)} in trouble` : ''}`)),
      h('div', { class: 'nodes' }, thought.nodes.map((node, i) => h('span', { title: printable(node, 200) }, h('i', { class: `swatch node-${i % 8}` }), nodeName(node)))),
      h('div', { class: 'scroller', ref: this.scroller, tabIndex: -1, onScroll: (e) => this.setState({ top: e.currentTarget.scrollTop }) },
        h(Heads, { thought, x, width, lane: wide }),
        h('div', { class: 'length', style: { height: `${(thought.orders.length + 1) * ROW}px`, width: `${width}px` } },
          h('svg', { class: 'sequence', width, height: Math.max(0, high), viewBox: `0 ${y} ${width} ${Math.max(1, high)}`,
            style: { transform: `translateY(${y}px)` }, role: 'group', 'aria-label': 'Sequence diagram' },
            this.bands(fromRow, untilRow, width),
            thought.lanes.map((lane, i) => h('path', { class: `lane node-${lane.colour}`, d: `M${x(i)} ${y}v${Math.max(0, high)}` })),
            shown.map((m) => h(Arrow, { key: m.view.index % slots, message: m, x, selected: m === message, onMessage }))))));
  }
}
