/** The node's JSON interface, as doc/trace-api.md describes it. */
import { encoded } from './route.js';

async function get(path) {
  let answer;
  try {
    answer = await fetch(path, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  } catch {
    throw new Error('The node does not answer. Is it still running?');
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  if (answer.status === 401) {
    throw new Error('The node asks for its token. Open this page once with ?token=TOKEN before the #.');
  }
  throw new Error(body?.error ? String(body.error) : `The node answered ${answer.status} to ${path}.`);
}

const of = (id) => `api/jobs/${encoded(id)}`;

export const about = () => get('api/about');
export const jobs = () => get('api/jobs?limit=5000');
export const trace = (id, attempt) => get(of(id) + (attempt ? `?attempt=${encoded(attempt)}` : ''));

export const events = (id) => `${of(id)}/events`;
export const download = (id, format) => `${of(id)}/export?format=${format}`;

export function tensor(id, attempt, { segment, cycle, tick, state }) {
  const query = new URLSearchParams({ attempt, segment, cycle, state });
  if (tick !== undefined) query.set('tick', tick);
  return `${of(id)}/tensor?${query}`;
}

/** Whether a job is older than another state of it: its events only grow in number, while answers and streams overtake each other. */
export const older = (job, than) => job?.events < than?.events;

const [SOON, LATE] = [2_000, 30_000]; // milliseconds until a refused stream is asked for again: at first, at most

/**
 * Follows a stream of server-sent events until the returned function is called. The browser itself comes back to one
 * that breaks, but never to one that is refused.
 *
 * @param handlers by event name, each given the event's JSON
 * @param connection told whether the stream is open, and whether something may have been missed
 */
function follow(path, handlers, connection) {
  let [source, timer, broken, wait] = [null, null, false, SOON];
  const stop = () => {
    clearTimeout(timer);
    source.close();
  };
  const open = () => {
    source = new EventSource(path);
    source.onopen = () => {
      wait = SOON;
      connection(true, broken);
      broken = false;
    };
    source.onerror = () => {
      const refused = source.readyState === EventSource.CLOSED;
      if (refused) {
        timer = setTimeout(open, wait);
        wait = Math.min(1.5 * wait, LATE);
      }
      broken = true;
      connection(false, refused);
    };
    for (const [name, handle] of Object.entries(handlers)) source.addEventListener(name, (event) => heard(event, handle));
  };
  open();
  return stop;
}

function heard(event, handle) {
  let body;
  try {
    body = JSON.parse(event.data);
  } catch {
    return; // a record cut short; the next one is whole again
  }
  handle(body);
}

export const followJobs = (handlers, connection) => follow('api/stream', handlers, connection);
export const followTrace = (id, onTrace, connection) =>
  follow(`api/stream?job=${encoded(id)}`, { trace: onTrace }, connection);
