/** The keyboard: the page in view names its keys, `?` shows them. */
import { h, Component, createRef } from './view.js';

const WRITING = 'input:not([type=range]):not([type=checkbox]), select, textarea';
const OWN = 'button, a, summary, [role=button]'; // these take Enter and space themselves

const HELP = [
  ['Everywhere', [['?', 'this help'], ['t', 'dark or light'], ['Esc', 'leave a field, close what is open']]],
  ['Jobs', [['/', 'to the filter'], ['j k', 'next, previous job'], ['Enter', 'open it'], ['c', 'mark it, then compare with another']]],
  ['Job', [['← →', 'previous, next cycle'], ['PgUp PgDn', 'by segment'], ['Home End', 'first, last cycle'], ['Space', 'play or pause'],
    ['[ ]', 'previous, next message'], ['u', 'up to the list']]],
];

export class Keys {
  actions = {};

  constructor(always) {
    this.always = always;
    addEventListener('keydown', (event) => this.pressed(event));
  }

  /** Replaces the keys of the page in view. */
  use = (actions) => {
    this.actions = actions;
  };

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target, key } = event;
    if (key === 'Escape') return target.blur?.();
    if (target.matches?.(WRITING) || document.querySelector('dialog[open]')) return;
    if ((key === 'Enter' || key === ' ') && target.matches?.(OWN)) return;
    const action = this.actions[key] ?? this.always[key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}

export class Help extends Component {
  dialog = createRef();
  show = () => this.dialog.current.showModal();

  render() {
    return h('dialog', { class: 'help', ref: this.dialog, 'aria-label': 'Keys', onClick: (e) => e.target === e.currentTarget && e.currentTarget.close() },
      h('div', { class: 'inside' }, h('div', { class: 'columns' }, HELP.map(([title, keys]) => h('section', null, h('h2', null, title),
        h('dl', null, keys.map(([key, what]) => [h('dt', null, key.split(' ').map((k) => h('kbd', null, k))), h('dd', null, what)]))))),
      h('form', { method: 'dialog' }, h('button', null, 'Close'))));
  }
}
