/** A trace made ready for the views: messages in causal order, actors as lanes, and what belongs to which cycle. */

const ROLES = ['other', 'dispatcher', 'planner', 'worker'];
const SENDER = { Submit: 'other', Admit: 'dispatcher', Think: 'planner', Reached: 'planner', Finished: 'planner',
  Thought: 'worker', Faltered: 'worker' };
const RECEIVER = { Submit: 'dispatcher', Admit: 'planner', Think: 'worker', Reached: 'dispatcher',
  Finished: 'dispatcher', Thought: 'planner', Faltered: 'planner' };

export const list = (value) => (Array.isArray(value) ? value : []);

/** Index of the first element for which `holds`; all before it must not hold. */
export function first(array, holds) {
  let [low, high] = [0, array.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(array[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Roles and nodes of all actors, in the order in which a job meets them. */
function actors(messages) {
  const found = new Map();
  const meet = (path, node, role) => {
    const seen = found.get(path);
    if (!seen) found.set(path, { path, node, role: role ?? 'other' });
    else if (seen.role === 'other' && role) seen.role = role;
  };
  for (const m of messages) {
    meet(m.sender ?? '', m.sender_node, SENDER[m.type]);
    meet(m.receiver ?? '', m.receiver_node, RECEIVER[m.type]);
  }
  return [...found.values()].sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
}

/** By order, not by sequence: two planners use the same numbers. The messages that a gap swallowed have a row too, so that the hole is seen. */
function rows(messages, gaps) {
  const lost = gaps.filter((gap) => Array.isArray(gap)).map(([from, to, , order]) => ({ from, to, order }));
  const places = new Set([...messages.flatMap((m) => [m.order, m.received_order]), ...lost.map((gap) => gap.order)]);
  const orders = [...places].filter(Number.isFinite).sort((a, b) => a - b);
  return { orders, rowOf: new Map(orders.map((order, row) => [order, row])), lost };
}

/** From the contract's TRACE. `position` counts the cycles that are there, from 0: the slider's unit. */
export function read(trace) {
  const cycles = [...list(trace.cycles)].sort((a, b) => a.index - b.index);
  const messages = [...list(trace.messages)].sort((a, b) => a.order - b.order);
  const lanes = actors(messages);
  const nodes = [...new Set(lanes.map((lane) => lane.node).filter(Boolean))].sort();
  const { orders, rowOf, lost } = rows(messages, list(trace.gaps));
  for (const lane of lanes) lane.colour = nodes.indexOf(lane.node) % 8;
  const laneOf = new Map(lanes.map((lane, index) => [lane.path, index]));
  messages.forEach((m, index) => {
    const from = rowOf.get(m.order);
    const to = rowOf.get(m.received_order);
    m.view = {
      index,
      row: from,
      until: to === undefined ? from + 1 : Math.max(to, from),
      from: laneOf.get(m.sender ?? ''),
      to: laneOf.get(m.receiver ?? ''),
    };
  });
  const ends = cycles.map((cycle) => first(orders, (order) => order > cycle.order));
  return { trace, cycles, messages, lanes, nodes, orders, rowOf, lost, ends,
    longest: messages.reduce((most, m) => Math.max(most, m.view.until - m.view.row), 1),
    board: trace.board ?? {}, running: trace.job?.state !== 'halted' };
}

/** Rows of a cycle: [from, until). The last cycle has what follows it. */
export function rowsOf(thought, position) {
  const from = position > 0 ? thought.ends[position - 1] : 0;
  const last = position >= thought.cycles.length - 1;
  return [from, last ? thought.orders.length : thought.ends[position]];
}

/** Position of the cycle during which a message was sent. */
export const positionOf = (thought, message) =>
  Math.max(0, Math.min(thought.cycles.length - 1, first(thought.cycles, (c) => c.order >= message.order)));

/** Messages of a cycle: [from, until) of `thought.messages`. */
export function messagesOf(thought, position) {
  const [from, until] = rowsOf(thought, position);
  return [first(thought.messages, (m) => m.view.row >= from), first(thought.messages, (m) => m.view.row >= until)];
}

/** The message whose sending or arrival stands there. */
export const byOrder = (thought, order) =>
  order === undefined ? undefined : thought.messages.find((m) => m.order === order || m.received_order === order);

export const PARTS = ['mailbox', 'compute', 'serialise', 'deserialise', 'network'];
export const spent = (message) => PARTS.reduce((sum, part) => sum + (message[`${part}_nanos`] ?? 0), 0);

/** Position from which the board no longer changes, or -1. */
export const decidedAt = ({ cycles, trace }) => {
  const index = trace.convergence?.decided_cycle;
  return index === undefined ? -1 : cycles.findIndex((cycle) => cycle.index >= index);
};

/** Position of the cycle with this index, or the nearest before it. */
export const positionAt = ({ cycles }, index) => Math.max(0, first(cycles, (c) => c.index > index) - 1);
