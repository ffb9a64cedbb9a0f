/** The one slider: its track shows where the board changed, where segments end, and where the answer was decided. */
import { h, Pure, createRef, measure } from './view.js';
import { list } from './thought.js';
import { count } from './format.js';

const HEIGHT = 26;
const INSET = 8; // half the thumb, which stays within the track

class Track extends Pure {
  frame = createRef();
  state = { width: 600 };

  componentDidMount() {
    this.unmeasure = measure(this.frame.current, (width) => this.setState({ width }));
  }

  componentWillUnmount() {
    this.unmeasure();
  }

  render({ thought, decided }, { width }) {
    const { cycles } = thought;
    const x = (i) => INSET + (cycles.length < 2 ? 0.5 : i / (cycles.length - 1)) * (width - 2 * INSET);
    const most = cycles.reduce((max, c) => Math.max(max, list(c.changed).length), 1);
    const wide = Math.max(1, Math.min(6, (width / Math.max(1, cycles.length)) * 0.6));
    const [bars, bad, segments] = ['', '', ''].map(() => []);
    cycles.forEach((c, i) => {
      const tall = (Math.sqrt(list(c.changed).length / most) * (HEIGHT - 4)).toFixed(1);
      bars.push(`M${(x(i) - wide / 2).toFixed(1)} ${HEIGHT}v-${tall}h${wide.toFixed(1)}v${tall}z`);
      if (list(c.conflicts).length) bad.push(`M${(x(i) - wide / 2).toFixed(1)} ${HEIGHT - 2}h${wide.toFixed(1)}v2h-${wide.toFixed(1)}z`);
      if (i > 0 && c.segment !== cycles[i - 1].segment) segments.push(`M${((x(i) + x(i - 1)) / 2).toFixed(1)} 2V${HEIGHT}`);
    });
    return h('div', { class: 'track', ref: this.frame }, h('svg', { width, height: HEIGHT, 'aria-hidden': 'true' },
      segments.length * 4 < width && h('path', { class: 'segments', d: segments.join('') }), h('path', { class: 'changes', d: bars.join('') }),
      h('path', { class: 'bad', d: bad.join('') }),
      decided >= 0 && h('path', { class: 'decided', d: `M${x(decided)} 0l5 5l-5 5l-5 -5z` })));
  }
}

export class Slider extends Pure {
  render({ thought, position, playing, decided, onPosition, onPlay }) {
    const { cycles } = thought;
    const last = Math.max(0, cycles.length - 1);
    const at = cycles[position];
    const place = at ? `segment ${count(at.segment)}, cycle ${count(at.cycle)}` : 'no cycle yet';
    return h('div', { class: 'slider', role: 'group', 'aria-label': 'Cycle shown by every view' },
      h('button', { class: 'play', 'aria-label': playing ? 'Pause' : 'Play', 'aria-pressed': playing, disabled: last === 0, onClick: onPlay }, playing ? '❚❚' : '▶'),
      h('div', { class: 'rail' }, h(Track, { thought, decided }),
        h('input', { type: 'range', min: 0, max: last, step: 1, value: position, disabled: last === 0, 'aria-label': 'Cycle',
          'aria-valuetext': `${position + 1} of ${cycles.length}: ${place}`, onInput: (e) => onPosition(Number(e.currentTarget.value)) })),
      h('output', { class: 'place' }, h('b', null, at ? count(position + 1) : '–'), ` / ${count(cycles.length)}`, h('span', null, place)));
  }
}
