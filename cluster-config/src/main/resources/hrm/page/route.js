/** Deep links: what is shown stands in the address after `#`, so that it can be kept and sent. */

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Percent-encoded, also where the text is no well-formed Unicode. */
export function encoded(text) {
  try {
    return encodeURIComponent(text);
  } catch {
    return encodeURIComponent(String(text).replace(/[\ud800-\udfff]/g, '\ufffd'));
  }
}

/** `#/job/ID?cycle=3` as `{page: 'job', ids: ['ID'], query: {cycle: '3'}}`. */
export function parse(hash) {
  const at = hash.indexOf('?');
  const path = at < 0 ? hash : hash.slice(0, at);
  const query = Object.fromEntries(new URLSearchParams(at < 0 ? '' : hash.slice(at + 1)));
  const [page, ...ids] = path.replace(/^#?\/?/, '').split('/').map(decoded);
  if (page === 'job' && ids[0]) return { page, ids: [ids[0]], query };
  if (page === 'diff' && ids[0] && ids[1]) return { page, ids: ids.slice(0, 2), query };
  return { page: 'jobs', ids: [], query };
}

export function link(page, ids = [], query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '' && value !== null);
  const search = new URLSearchParams(given).toString();
  return `#/${[page, ...ids.map(encoded)].join('/')}${search ? `?${search}` : ''}`;
}

export const jobLink = (id, query) => link('job', [id], query);
export const diffLink = (a, b, query) => link('diff', [a, b], query);

export const go = (hash) => {
  forget();
  location.hash = hash;
};

let pending;
/** Writes the address without a step in the history; at most five times a second, as browsers demand. */
export function note(hash) {
  clearTimeout(pending);
  pending = setTimeout(() => history.replaceState(null, '', hash), 200);
}

/** Forgets an address that was noted but not written yet: the page has moved on. */
export const forget = () => clearTimeout(pending);
