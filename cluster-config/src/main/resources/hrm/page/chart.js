/** Scales, and their round numbers, for everything that is drawn to scale. */

/** A linear scale from [low, high] onto [from, to]. */
export function linear(low, high, from, to) {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

/** A logarithmic one; values at or below 0 stand at the lower end. */
export function logarithmic(low, high, from, to) {
  const scale = linear(Math.log10(low), Math.log10(high), from, to);
  return (value) => (value > 0 ? scale(Math.log10(value)) : from);
}

/** About `wanted` round values between low and high. */
export function ticks(low, high, wanted) {
  const rough = (high - low) / Math.max(1, wanted) || 1;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * [1, 2, 5, 10].find((factor) => factor * size >= rough);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(i * step);
  return found;
}

/** Whole numbers only. */
export const wholeTicks = (low, high, wanted) => ticks(low, high, wanted).filter(Number.isInteger);

/** Powers of ten from low to high, every n-th so that there are at most `most`; 1, 2 and 5 of each where one is alone. */
export function decades(low, high, most) {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((to - from + 1) / most));
  const found = [];
  for (let power = from; power <= to; power += every) found.push(10 ** power);
  if (found.length > 1) return found;
  return [from - 1, from].flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power)).filter((v) => v >= low && v <= high);
}

/** `M x,y L …` through points; an undefined one parts the line. */
export function path(points) {
  let drawing = false;
  let d = '';
  for (const point of points) {
    if (point) d += `${drawing ? 'L' : 'M'}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    drawing = Boolean(point);
  }
  return d;
}

const SUPERSCRIPT = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/** 1000 as `10³`, what lies between 0.01 and 100 plainly. */
export function powerOfTen(value) {
  if (value > 0.005 && value < 500) return String(Number(value.toPrecision(1)));
  const power = Math.round(Math.log10(value));
  return `10${power < 0 ? '⁻' : ''}${[...String(Math.abs(power))].map((digit) => SUPERSCRIPT[digit]).join('')}`;
}
