/** The jobs as rows. */
import { h, Pure, narrow } from './view.js';
import { Windowed } from './windowed.js';
import { jobLink } from './route.js';
import { outcome } from './filters.js';
import { clock, count, duration, nodeName, printable } from './format.js';

const COLUMNS = [
  ['state', 'State'], ['id', 'Job'], ['model', 'Model'], ['node', 'Node'], ['segments', 'Segments'],
  ['duration', 'Duration'], ['attempt', 'Attempt'], ['reason', 'Halted by'], ['started', 'Started'],
];
const SIGNS = { solved: '✓', failed: '✕', running: '•' };

function Heading({ column, title, order, onSort }) {
  if (column === 'state') return h('span', { role: 'columnheader', class: 'cell', 'aria-label': title });
  if (column === 'started') return h('span', { role: 'columnheader', class: 'cell started' }, title);
  const now = order === column ? 'ascending' : order === `-${column}` ? 'descending' : undefined;
  const next = now === 'descending' ? column : now === 'ascending' ? '' : `-${column}`;
  return h('span', { role: 'columnheader', class: `cell ${column}`, 'aria-sort': now },
    h('button', { class: 'sort', onClick: () => onSort(next) }, title, now && (now === 'ascending' ? ' ↑' : ' ↓')));
}

class Row extends Pure {
  render({ job, index, selected, marked, colour }) {
    const what = outcome(job);
    const cell = (name, text, more) => h('span', { role: 'cell', class: `cell ${name}`, ...more }, text);
    return h('div', { role: 'row', class: `job-row ${what}${selected ? ' selected' : ''}${marked ? ' marked' : ''}`,
      'aria-rowindex': index + 2, 'aria-current': selected ? 'true' : undefined },
      cell('state', SIGNS[what], { title: what, 'aria-label': what }),
      h('span', { role: 'cell', class: 'cell id' },
        h('a', { href: jobLink(job.id), title: printable(job.id, 300) }, printable(job.id, 120))),
      cell('model', printable(job.model, 60)),
      cell('node', [h('i', { class: `swatch node-${colour}` }), nodeName(job.node)], { title: printable(job.node, 200) }),
      cell('segments', count(job.segments), { 'data-unit': 'seg' }),
      cell('duration', duration(job.duration_nanos)),
      cell('attempt', job.attempt > 1 ? `${count(job.attempt)}` : '1', { class: `cell attempt${job.attempt > 1 ? ' again' : ''}` }),
      cell('reason', printable(job.reason ?? (what === 'running' ? 'thinking' : undefined), 40)),
      cell('started', clock(job.started)));
  }
}

export class Table extends Pure {
  state = { narrow: narrow.matches };
  resized = () => this.setState({ narrow: narrow.matches });

  componentDidMount() {
    narrow.addEventListener('change', this.resized);
  }

  componentWillUnmount() {
    narrow.removeEventListener('change', this.resized);
  }

  render({ jobs, nodes, selected, marked, order, onSort }, { narrow: small }) {
    const row = (i) => h(Row, { key: jobs[i].id, job: jobs[i], index: i, selected: i === selected,
      marked: jobs[i].id === marked, colour: nodes.indexOf(jobs[i].node) % 8 });
    const header = h('div', { class: 'job-row heading', role: 'row', 'aria-rowindex': 1 },
      COLUMNS.map(([column, title]) => h(Heading, { column, title, order, onSort })));
    return h(Windowed, { count: jobs.length, rowHeight: small ? 60 : 34, row, header, focus: selected,
      role: 'table', label: 'Jobs', columns: COLUMNS.length, jobs, selected, marked });
  }
}

