/** Numbers, times and untrusted text as a person reads them. Everything here returns a string. */

const ABSENT = '–';
const known = (value) => typeof value === 'number' && Number.isFinite(value);

/** Control, bidirectional and invisible characters made visible, so that no text can pose as another. */
export function printable(value, limit = Infinity) {
  if (value === undefined || value === null) return ABSENT;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Three significant digits and a unit, from nanoseconds. */
export function duration(nanos) {
  if (!known(nanos)) return ABSENT;
  const steps = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs']];
  const [size, unit] = steps.find(([from]) => Math.abs(nanos) >= from) ?? [1, 'ns'];
  return `${digits(nanos / size)} ${unit}`;
}

export function digits(value) {
  if (!known(value)) return ABSENT;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if ((size < 0.001 || size >= 1e6)) return value.toExponential(1).replace('e+', 'e');
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(size < 1 ? 3 : 2);
}

export const count = (value) => (known(value) ? value.toLocaleString('en-GB') : ABSENT);

export const plural = (value, noun) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

export function bytes(value) {
  if (!known(value)) return ABSENT;
  if (value < 1024) return `${value} B`;
  return value < 1048576 ? `${digits(value / 1024)} KiB` : `${digits(value / 1048576)} MiB`;
}

export const percent = (share) => (known(share) ? `${(100 * share).toFixed(share > 0.995 ? 1 : 0)}%` : ABSENT);

function date(time) {
  const at = new Date(time ?? NaN);
  return Number.isNaN(at.getTime()) ? null : at;
}

export const clock = (time) =>
  date(time)?.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }) ?? ABSENT;

export const instant = (time) => (date(time) ? printable(time) : ABSENT);

/** `akka://hrm@127.0.0.1:2551` is `127.0.0.1:2551` to a person. */
export const nodeName = (address) => printable(address).replace(/^akka:\/\/[^@/]*@?/, '') || ABSENT;

/** The end of an actor's path: `worker-2`. */
export function actorName(path) {
  const parts = printable(path)
    .replace(/^akka:\/\/[^/]*/, '')
    .split('/')
    .filter((part) => part && part !== 'user' && part !== 'system');
  return parts.at(-1) || nodeName(path);
}
