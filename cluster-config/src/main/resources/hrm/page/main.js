/** The page: which view the address asks for, and what stands around it. */
import { h, Component, createRef, render } from './view.js';
import * as api from './api.js';
import { Diff } from './diff.js';
import { Job } from './job.js';
import { Help, Keys } from './keys.js';
import { JobList } from './list.js';
import { nodeName, printable } from './format.js';
import { forget, go, link, parse } from './route.js';
import { nextTheme, theme } from './theme.js';

const SIGNS = { auto: '◐', dark: '●', light: '○' };

class Page extends Component {
  state = { route: parse(location.hash), theme, about: null };
  help = createRef();
  kept = {};

  constructor() {
    super();
    this.keys = new Keys({ '?': () => this.help.current.show(), t: () => this.turn(), u: () => go(link('jobs', [], this.kept)) });
    addEventListener('hashchange', () => {
      forget();
      this.setState({ route: parse(location.hash) });
    });
    api.about().then((about) => this.setState({ about }), () => {}); // only decoration; the views say what fails
  }

  turn = () => {
    nextTheme();
    this.setState({ theme });
  };

  /** The list's filter changes without a step in the history. */
  query = (query) => this.setState({ route: { ...this.state.route, query } });

  view({ page, ids, query }) {
    const keys = this.keys.use;
    if (page === 'job') return h(Job, { key: `job ${JSON.stringify([ids[0], query.attempt])}`, id: ids[0], query, keys });
    if (page === 'diff') return h(Diff, { key: `diff ${JSON.stringify([ids, query.attempt_a, query.attempt_b])}`, ids, query, keys });
    this.kept = query;
    return h(JobList, { key: 'jobs', query, onQuery: this.query, keys });
  }

  render(_, { route, theme: now, about }) {
    return h('div', { class: 'page' },
      h('header', { class: 'top' },
        h('a', { class: 'home', href: link('jobs', [], this.kept), 'aria-current': route.page === 'jobs' ? 'page' : undefined }, h('b', null, 'HRM'), ' traces'),
        about && h('span', { class: 'about' }, `${nodeName(about.node)} · ${printable(about.version, 40)}`),
        h('button', { class: 'quiet', title: 'Keys (?)', 'aria-label': 'Keys', onClick: () => this.help.current.show() }, '?'),
        h('button', { class: 'quiet', title: `Theme: ${now} (t)`, 'aria-label': `Theme: ${now}`, onClick: this.turn }, SIGNS[now])),
      this.view(route), h(Help, { ref: this.help }));
  }
}

render(h(Page), document.getElementById('page'));
