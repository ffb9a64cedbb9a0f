/** One message in full. */
import { h, Pure } from './view.js';
import * as api from './api.js';
import { PARTS, byOrder, list, spent } from './thought.js';
import { bytes, count, digits, duration, instant, nodeName, printable } from './format.js';

/** What the API calls the state that a tensor of this message is; see doc/trace-api.md. */
function place(thought, message, name) {
  const at = { segment: message.segment, cycle: message.cycle, state: String(name) };
  if (!message.segment || !message.cycle) return null;
  if (message.type === 'Think') return { ...at, tick: 0 };
  return message.type === 'Thought' && name === 'zL' ? { ...at, tick: thought.trace.l_cycles } : at;
}

function Tensors({ thought, message }) {
  const tensors = list(message.tensors);
  if (!tensors.length) return null;
  return h('ul', { class: 'tensors', 'aria-label': 'Tensors, this job’s row' }, tensors.map((tensor) => {
    const at = place(thought, message, tensor.name);
    const id = thought.trace.job?.id;
    return h('li', null, h('b', null, printable(tensor.name, 40)),
      h('span', null, `${list(tensor.shape).map(count).join(' × ')} ${printable(tensor.dtype, 12)}`),
      at && id && h('a', { href: api.tensor(id, thought.trace.attempt, at), download: '', title: 'Think again and download the tensor',
        'aria-label': `Download ${printable(tensor.name, 40)} as .npy` }, '.npy'),
      h('span', { class: 'features' }, 'norm ', digits(tensor.norm), ', hash ', h('code', null, printable(tensor.hash, 20))));
  }));
}

export class Inspector extends Pure {
  cause({ cause, cause_order: order }) {
    if (cause === undefined) return 'nothing';
    const other = byOrder(this.props.thought, order);
    return other
      ? h('button', { class: 'link', onClick: () => this.props.onMessage(other) }, `number ${count(cause)}`)
      : `number ${count(cause)}`;
  }

  /** Broken between its parts, where it has to be. */
  path(path) {
    return printable(path, 300).split(/(?<=\/)(?=[^/])/).map((part, i) => [i > 0 && h('wbr'), part]);
  }

  node(address) {
    const colour = this.props.thought.nodes.indexOf(address) % 8;
    return h('span', { title: printable(address, 200) }, h('i', { class: `swatch node-${colour}` }), nodeName(address));
  }

  render({ thought, message, onMessage }) {
    const { messages } = thought;
    if (!message) {
      return h('section', { class: 'panel inspector', 'aria-label': 'Message' }, h('h2', null, 'Message'),
        h('p', { class: 'empty' }, messages.length ? 'Choose a message in Exchange or Time, or press ].' : 'No message was recorded.'));
    }
    const m = message;
    const index = m.view.index;
    const facts = [
      ['Number', count(m.sequence)],
      ['Caused by', this.cause(m)],
      ['Arrived as', m.received_sequence === undefined ? (m.lost ? h('b', { class: 'bad' }, 'never arrived') : 'not yet') : `number ${count(m.received_sequence)}`],
      ['From', this.path(m.sender)], ['on', this.node(m.sender_node)],
      ['To', this.path(m.receiver)], ['on', this.node(m.receiver_node)],
      ['Thinking at', m.segment ? `segment ${count(m.segment)}, cycle ${count(m.cycle)}` : 'outside a cycle'],
      ['Sent', instant(m.sent)], ['Received', instant(m.received)],
      ['Size', m.bytes ? bytes(m.bytes) : 'by reference'],
      ['Retry', m.retry > 0 ? h('b', { class: 'bad' }, `sent ${count(m.retry)} times before`) : 'first time'],
      ['Late', m.late ? h('b', { class: 'bad' }, 'nobody waited for it any more') : 'no'],
      ['Id', printable(m.id, 200)],
    ];
    return h('section', { class: 'panel inspector', 'aria-label': 'Message' },
      h('h2', null, printable(m.type, 40), m.critical && h('span', { class: 'mark critical' }, 'critical path'),
        h('span', { class: 'steps' },
          h('button', { class: 'quiet', 'aria-label': 'Previous message', disabled: index === 0, onClick: () => onMessage(messages[index - 1]) }, '↑'),
          h('button', { class: 'quiet', 'aria-label': 'Next message', disabled: index === messages.length - 1, onClick: () => onMessage(messages[index + 1]) }, '↓'))),
      h('dl', { class: 'details' }, facts.map(([name, value]) => [h('dt', null, name), h('dd', null, value)])),
      h('dl', { class: 'details times' }, PARTS.map((part) => [h('dt', null, h('i', { class: `swatch ${part}` }), part), h('dd', null, duration(m[`${part}_nanos`]))]),
        h('dt', null, 'together'), h('dd', null, h('b', null, duration(spent(m))))),
      h(Tensors, { thought, message: m }));
  }
}
