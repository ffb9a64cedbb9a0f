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

/**
 * Follows a stream of server-sent events until the returned function is called.
 *
 * @param handlers by event name, each given the event's JSON
 * @param connection told true when the stream opens, false when it breaks; the browser tries again by itself
 */
function follow(path, handlers, connection) {
  const source = new EventSource(path);
  source.onopen = () => connection(true);
  source.onerror = () => connection(false);
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => {
      let body;
      try {
        body = JSON.parse(event.data);
      } catch {
        return; // a record cut short; the next one is whole again
      }
      handle(body);
    });
  }
  return () => source.close();
}

export const followJobs = (handlers, connection) => follow('api/stream', handlers, connection);
export const followTrace = (id, onTrace, connection) =>
  follow(`api/stream?job=${encoded(id)}`, { trace: onTrace }, connection);
