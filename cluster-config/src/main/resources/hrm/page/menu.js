/** A button and what it opens below itself: a press elsewhere, Esc or a choice closes it, and the focus returns to the button. */
import { h, Component, createRef } from './view.js';

export class Menu extends Component {
  details = createRef();

  componentDidMount() {
    document.addEventListener('pointerdown', this.pressed);
    document.addEventListener('keydown', this.key);
  }

  componentWillUnmount() {
    document.removeEventListener('pointerdown', this.pressed);
    document.removeEventListener('keydown', this.key);
  }

  close() {
    this.details.current.open = false;
    this.details.current.firstChild.focus({ preventScroll: true });
  }

  /** Whoever presses another control has the focus there; that is known once the browser has dealt with the press. */
  pressed = ({ target }) => {
    const { current } = this.details;
    if (!current.open || current.contains(target)) return;
    current.open = false;
    setTimeout(() => document.activeElement === document.body && current.firstChild.focus({ preventScroll: true }));
  };

  key = (event) => {
    if (event.key !== 'Escape' || !this.details.current.open) return;
    event.preventDefault(); // or it would leave the button, too
    this.close();
  };

  /** The focus has moved on by Tab. */
  left = ({ currentTarget, relatedTarget }) => {
    if (relatedTarget && !currentTarget.contains(relatedTarget)) currentTarget.open = false;
  };

  render({ title, children }) {
    return h('details', { class: 'menu', name: 'menu', ref: this.details, onFocusOut: this.left,
      onClick: (event) => event.target.closest('a') && this.close() }, h('summary', null, title), children);
  }
}
