/** The list of jobs: live, filtered, and always addressable. */
import { h, Component, createRef } from './view.js';
import * as api from './api.js';
import { anyFilter, cleared, failed, matcher, sorted, values } from './filters.js';
import { count, nodeName, plural, printable } from './format.js';
import { diffLink, go, jobLink, link, note } from './route.js';
import { Scatter } from './scatter.js';
import { Table } from './table.js';
import { list } from './thought.js';
import { Told } from './told.js';

const MOST_JOBS = 10_000; // the oldest leave a page that is open for days

function Choice({ name, label, options, filter, onFilter, shown = printable }) {
  return h('label', { class: 'field' }, h('span', null, label),
    h('select', { name, value: filter[name] ?? '', onChange: (e) => onFilter({ [name]: e.currentTarget.value }) },
      h('option', { value: '' }, 'any'),
      options.map((value) => h('option', { value, selected: filter[name] === value }, shown(value)))));
}

function Amount({ name, label, filter, onFilter, step = 1 }) {
  return h('input', { type: 'number', name, min: 0, step, 'aria-label': label, placeholder: label.split(' ')[0],
    value: filter[name] ?? '', onInput: (e) => onFilter({ [name]: e.currentTarget.value }) });
}

function Filters({ options, filter, onFilter, error, text }) {
  const range = (low, high, label, unit) => h('fieldset', { class: 'field range' }, h('legend', null, label),
    h(Amount, { name: low, label: `from ${unit}`, filter, onFilter, step: 'any' }), h('span', { 'aria-hidden': 'true' }, '–'),
    h(Amount, { name: high, label: `to ${unit}`, filter, onFilter, step: 'any' }));
  return h('form', { class: 'filters', role: 'search', onSubmit: (e) => e.preventDefault() },
    h('label', { class: 'field text' }, h('span', null, 'Filter'),
      h('input', { ref: text, type: 'search', name: 'q', value: filter.q ?? '', spellcheck: false, autocomplete: 'off',
        placeholder: 'text  -text  /regex/', 'aria-invalid': Boolean(error), 'aria-describedby': 'filter-error',
        onInput: (e) => onFilter({ q: e.currentTarget.value }) }),
      h('span', { id: 'filter-error', class: 'error', role: 'alert' }, error && printable(error))),
    h(Choice, { name: 'state', label: 'State', options: ['running', 'solved', 'failed'], filter, onFilter }),
    h(Choice, { name: 'model', label: 'Model', options: options.model, filter, onFilter }),
    h(Choice, { name: 'node', label: 'Node', options: options.node, filter, onFilter, shown: nodeName }),
    h(Choice, { name: 'reason', label: 'Halted by', options: options.reason, filter, onFilter }),
    range('smin', 'smax', 'Segments', 'segments'),
    range('dmin', 'dmax', 'Duration, ms', 'ms'),
    h('label', { class: 'field' }, h('span', null, 'Attempts'), h(Amount, { name: 'amin', label: 'from attempt', filter, onFilter })),
    h('label', { class: 'check' },
      h('input', { type: 'checkbox', name: 'failed', checked: Boolean(filter.failed),
        onChange: (e) => onFilter({ failed: e.currentTarget.checked ? '1' : '' }) }), 'Failed only'),
    anyFilter(filter) && h('button', { type: 'button', class: 'quiet', onClick: () => onFilter(null) }, 'Clear'));
}

export class JobList extends Component {
  text = createRef();
  jobs = new Map();
  pending = new Map(); // changed since the last frame
  state = { jobs: [], stats: {}, selected: null, marked: null, live: false, error: null, loaded: false, open: false };

  componentDidMount() {
    document.title = 'Jobs · HRM traces';
    this.load();
    this.stop = api.followJobs({ job: this.changed, stats: (stats) => this.setState({ stats }) }, (live, missed) => {
      if (missed) this.load();
      this.setState({ live });
    });
    this.props.keys({ j: () => this.step(1), k: () => this.step(-1), '/': () => this.text.current.focus(),
      Enter: () => this.current() && go(jobLink(this.current().id)), c: () => this.mark() });
  }

  componentWillUnmount() {
    this.stop();
    cancelAnimationFrame(this.frame);
    this.gone = true;
  }

  async load() {
    try {
      const { jobs, ...stats } = await api.jobs();
      if (this.gone) return;
      const known = list(jobs).filter((job) => typeof job?.id === 'string');
      const ids = new Set(known.map((job) => job.id));
      const later = [...this.jobs.values()].filter((job) => !ids.has(job.id));
      this.jobs = new Map([...later, ...known.map(this.newest)].map((job) => [job.id, job]));
      this.setState({ jobs: [...this.jobs.values()], stats, error: null, loaded: true });
    } catch (failure) {
      if (!this.gone) this.setState({ error: failure.message, loaded: true });
    }
  }

  /** A job as it is given, or as it is known if that is newer. */
  newest = (job) => {
    const known = this.jobs.get(job.id);
    return api.older(job, known) ? known : job;
  };

  /** Many jobs may change between two frames; the page changes once. */
  changed = (job) => {
    if (typeof job?.id !== 'string') return;
    this.pending.set(job.id, job);
    this.frame ??= requestAnimationFrame(this.merge);
  };

  merge = () => {
    this.frame = null;
    const fresh = [];
    for (const [id, job] of this.pending) {
      if (this.jobs.has(id)) this.jobs.set(id, this.newest(job));
      else fresh.unshift([id, job]);
    }
    this.pending.clear();
    if (fresh.length) this.jobs = new Map([...fresh, ...this.jobs].slice(0, MOST_JOBS));
    this.setState({ jobs: [...this.jobs.values()] });
  };

  /** Recomputed only when jobs or filter changed. */
  shown() {
    const filter = this.props.query;
    const key = JSON.stringify(filter);
    if (this.memo?.jobs !== this.state.jobs || this.memo.key !== key) {
      const { test, error } = matcher(filter);
      const kept = this.state.jobs.filter(test);
      this.memo = { jobs: this.state.jobs, key, error, kept, rows: sorted(kept, filter.sort), options: this.options() };
    }
    return this.memo;
  }

  /** What the jobs offer to choose from; recomputed only when they changed. */
  options() {
    const { jobs } = this.state;
    if (this.offered?.jobs !== jobs) {
      const [node, model, reason] = ['node', 'model', 'reason'].map((key) => values(jobs, key));
      this.offered = { jobs, node, model, reason, failed: jobs.filter(failed).length };
    }
    return this.offered;
  }

  /** Where the selected job stands now, or -1: jobs come and go above it. */
  index() {
    return this.shown().rows.findIndex((job) => job.id === this.state.selected);
  }

  current() {
    return this.shown().rows[this.index()];
  }

  step(by) {
    const { rows } = this.shown();
    const next = rows[Math.max(0, Math.min(rows.length - 1, this.index() + by))];
    if (next) this.setState({ selected: next.id }, () => document.querySelector('.job-row.selected a')?.focus({ preventScroll: true }));
  }

  mark() {
    const job = this.current();
    if (!job) return;
    const { marked } = this.state;
    if (marked && marked !== job.id) go(diffLink(marked, job.id));
    else this.setState({ marked: marked ? null : job.id });
  }

  filter = (change) => {
    const query = change ? { ...this.props.query, ...change } : cleared(this.props.query);
    for (const key of Object.keys(query)) if (query[key] === '') delete query[key];
    this.props.onQuery(query);
    note(link('jobs', [], query));
  };

  render({ query }, { jobs, stats, selected, marked, live, error, loaded, open }) {
    const { rows, kept, options, error: unreadable } = this.shown();
    const lost = options.failed;
    const said = kept.length === jobs.length ? plural(jobs.length, 'job') : `${count(kept.length)} of ${plural(jobs.length, 'job')}`;
    return h('main', { class: `list${open ? ' open' : ''}` },
      h('div', { class: 'summary' },
        h('h1', null, 'Jobs'),
        h(Told, { text: said, cause: loaded && this.memo.key }),
        h('p', { class: 'counts' }, said,
          lost > 0 && h('span', { class: 'failed' }, `${count(lost)} failed`),
          stats.total > jobs.length && h('span', null, `${count(stats.total)} known to the node`),
          stats.indexing && h('span', null, 'still reading the topic'),
          stats.forgotten > 0 && h('span', null, `${count(stats.forgotten)} forgotten`),
          stats.dropped > 0 && h('span', { class: 'warn' }, `${count(stats.dropped)} events dropped`)),
        h('span', { class: `live${live ? ' on' : ''}`, role: 'status' }, live ? 'live' : 'not connected'),
        h('button', { class: 'quiet more', 'aria-expanded': open, onClick: () => this.setState({ open: !open }) }, 'Filters')),
      h(Filters, { options, filter: query, onFilter: this.filter, error: unreadable, text: this.text }),
      h(Scatter, { jobs, kept, onRange: this.filter, onJob: (job) => this.setState({ selected: job.id }) }),
      marked && h('p', { class: 'notice' }, 'Compare ', h('b', null, printable(marked, 60)), ' with the job on which you press c next.'),
      error && h('p', { class: 'notice bad', role: 'alert' }, printable(error)),
      loaded && !error && rows.length === 0
        ? h('p', { class: 'empty' }, jobs.length ? 'No job passes this filter.' : 'No job has been traced yet. Send one with hrm submit --trace, or trace more of all by HRM_TRACE_SAMPLE.')
        : h(Table, { jobs: rows, nodes: options.node, selected: selected === null ? -1 : this.index(), marked, order: query.sort, onSort: (sort) => this.filter({ sort }) }));
  }
}
