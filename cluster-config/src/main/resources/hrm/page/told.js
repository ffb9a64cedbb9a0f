/** What a screen reader is told. */
import { h, Component } from './view.js';

const STILL_MILLIS = 1000;

/** Tells the text some time after its cause has changed for the last time. What changes by itself is shown elsewhere, and not told. */
export class Told extends Component {
  state = { told: '' };

  componentDidUpdate({ cause }) {
    if (cause === this.props.cause) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.setState({ told: this.props.text }), STILL_MILLIS);
  }

  componentWillUnmount() {
    clearTimeout(this.timer);
  }

  render(_, { told }) {
    return h('p', { class: 'told', role: 'status' }, told);
  }
}
