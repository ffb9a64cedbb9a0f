/** A scroller of equally high rows that makes only those in sight: any number of rows costs the same. */
import { h, Pure, createRef, measure } from './view.js';

const SPARE = 6;

export class Windowed extends Pure {
  scroller = createRef();
  state = { top: 0, height: 600 };

  componentDidMount() {
    this.unmeasure = measure(this.scroller.current, (_, height) => this.setState({ height }));
    this.reveal(this.props.focus);
  }

  componentWillUnmount() {
    this.unmeasure();
  }

  componentDidUpdate(before) {
    if (before.focus !== this.props.focus) this.reveal(this.props.focus);
  }

  /** Scrolls no further than it takes to have row `focus` in sight. */
  reveal(focus) {
    if (focus === undefined || focus < 0) return;
    const element = this.scroller.current;
    const [from, until] = [focus * this.props.rowHeight, (focus + 1) * this.props.rowHeight];
    const margin = this.props.rowHeight * 2;
    if (from < element.scrollTop) element.scrollTop = Math.max(0, from - margin);
    else if (until > element.scrollTop + element.clientHeight) {
      element.scrollTop = until + margin - element.clientHeight;
    }
  }

  render({ count, rowHeight, row, header, label, role, columns }, { top, height }) {
    const from = Math.max(0, Math.floor(top / rowHeight) - SPARE);
    const until = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE);
    const shown = [];
    for (let i = from; i < until; i++) shown.push(row(i));
    const scrolled = (event) => this.setState({ top: event.currentTarget.scrollTop });
    return h('div', { class: 'windowed', role, 'aria-label': label, 'aria-rowcount': count + 1, 'aria-colcount': columns },
      header,
      h('div', { class: 'scroller', ref: this.scroller, onScroll: scrolled, role: 'presentation', tabIndex: -1 },
        h('div', { class: 'length', role: 'presentation', style: { height: `${count * rowHeight}px` } },
          h('div', { class: 'rows', role: role === 'table' ? 'rowgroup' : 'presentation',
            style: { transform: `translateY(${from * rowHeight}px)` } }, shown))));
  }
}
