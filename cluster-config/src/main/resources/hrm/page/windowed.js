/** A scroller of equally high rows that makes only those in sight: any number of rows costs the same. */
import { h, Pure, createRef, measure } from './view.js';

const SPARE = 6;

export class Windowed extends Pure {
  scroller = createRef();
  state = { top: 0, height: 600 };

  componentDidMount() {
    this.unmeasure = measure(this.scroller.current, (_, height) => this.setState({ height }));
    this.setState({ height: this.scroller.current.clientHeight }, () => this.reveal(this.props));
  }

  /** Before the rows are made, so that they are made once. */
  componentWillReceiveProps(next) {
    if (next.focus !== this.props.focus) this.reveal(next);
  }

  componentWillUnmount() {
    this.unmeasure();
  }

  componentDidUpdate() {
    if (this.wanted === undefined) return;
    this.scroller.current.scrollTop = this.wanted;
    this.wanted = undefined;
  }

  /** Scrolls no further than it takes to have row `focus` in sight. */
  reveal({ focus, rowHeight, count }) {
    if (focus === undefined || focus < 0) return;
    const { top, height } = this.state;
    const [from, until, margin] = [focus * rowHeight, (focus + 1) * rowHeight, rowHeight * 2];
    if (from >= top && until <= top + height) return;
    const wanted = from < top ? from - margin : until + margin - height;
    this.wanted = Math.max(0, Math.min(wanted, count * rowHeight - height));
    this.setState({ top: this.wanted });
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
