/** Which jobs a person wants to see. A filter is a plain object of strings, as it stands in the address. */

/** `text -text /regex/ -/regex/`, separated by spaces: each must hold for one of a job's fields, with `-` for none. */
export function terms(text = '') {
  const found = [];
  for (const [, minus, regex, flags, word] of text.matchAll(/(-?)(?:\/((?:[^/\\]|\\.)+)\/([i]?)(?=\s|$)|(\S+))/g)) {
    try {
      const lower = word?.toLowerCase();
      const pattern = regex === undefined ? null : new RegExp(regex, flags);
      found.push({ wanted: !minus, holds: pattern ? (s) => pattern.test(s) : (s) => s.toLowerCase().includes(lower) });
    } catch {
      return { found: [], error: `/${regex}/ is no regular expression` };
    }
  }
  return { found, error: null };
}

export const failed = (job) => job.state === 'halted' && !job.solved;
export const outcome = (job) => (job.state !== 'halted' ? 'running' : job.solved ? 'solved' : 'failed');

const fields = (job) => [job.id, job.model, job.puzzle, job.node, job.reason].filter((text) => typeof text === 'string');
const number = (text) => (text === undefined || text === '' || Number.isNaN(Number(text)) ? undefined : Number(text));

function range(low, high, value) {
  const [from, to] = [number(low), number(high)];
  if (from === undefined && to === undefined) return true;
  return value !== undefined && !(value < from) && !(value > to);
}

/** The test of a filter; `error` says what of it could not be read. */
export function matcher(filter) {
  const { found, error } = terms(filter.q);
  const exact = ['node', 'model', 'reason'].filter((key) => filter[key]);
  const millis = (job) => (job.duration_nanos === undefined ? undefined : job.duration_nanos / 1e6);
  const test = (job) =>
    (!filter.state || outcome(job) === filter.state) &&
    (!filter.failed || failed(job)) &&
    exact.every((key) => job[key] === filter[key]) &&
    range(filter.smin, filter.smax, job.segments) &&
    range(filter.dmin, filter.dmax, millis(job)) &&
    range(filter.amin, undefined, job.attempt) &&
    found.every(({ wanted, holds }) => fields(job).some(holds) === wanted);
  return { test, error };
}

const KEYS = ['q', 'state', 'failed', 'node', 'model', 'reason', 'smin', 'smax', 'dmin', 'dmax', 'amin'];
export const anyFilter = (filter) => KEYS.some((key) => filter[key]);
export const cleared = (filter) => Object.fromEntries(Object.entries(filter).filter(([key]) => !KEYS.includes(key)));

/** The values of a key that occur, in order. */
export const values = (jobs, key) => [...new Set(jobs.map((job) => job[key]).filter(Boolean))].sort();

const COLUMNS = {
  id: (job) => job.id,
  model: (job) => job.model ?? '',
  node: (job) => job.node ?? '',
  segments: (job) => job.segments ?? 0,
  duration: (job) => job.duration_nanos ?? 0,
  attempt: (job) => job.attempt ?? 0,
  reason: (job) => job.reason ?? '',
  state: (job) => outcome(job),
};

/** Sorted by a column; `-column` is descending, nothing is the newest first. */
export function sorted(jobs, order) {
  const key = COLUMNS[(order ?? '').replace('-', '')];
  if (!key) return jobs;
  const sign = order.startsWith('-') ? -1 : 1;
  return [...jobs].sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
}
