/** The board as it was decoded after a cycle: any rows and columns, digits or a maze. */
import { h, Pure } from './view.js';
import { list } from './thought.js';
import { count, percent, plural, printable } from './format.js';

const CELL = 40;
const BLANK = /^[.0 _]$/;
const MAZE = new Set(['#', '.', 'S', 'G', 'o', ' ', '?']);

export const characters = (text) => (typeof text === 'string' ? Array.from(text) : []);
export const isMaze = ({ kind, puzzle }) => /^maze/.test(kind ?? '') || (/#/.test(puzzle ?? '') && characters(puzzle).every((c) => MAZE.has(c)));

/** Rows and columns; square where the contract's fields are absent. */
export function size(board) {
  const cells = characters(board.puzzle).length;
  const columns = board.columns > 0 ? board.columns : Math.max(1, Math.round(Math.sqrt(cells)));
  return [board.rows > 0 ? board.rows : Math.max(1, Math.ceil(cells / columns)), columns];
}

/** Squares at the given cells as one path: a maze has hundreds. */
const squares = (cells, columns, inset = 0) =>
  cells.map((i) => `M${(i % columns) * CELL + inset} ${Math.floor(i / columns) * CELL + inset}h${CELL - 2 * inset}v${CELL - 2 * inset}h${2 * inset - CELL}z`).join('');

function lines(rows, columns, boxRows, boxColumns) {
  let [thin, thick] = ['', ''];
  for (let r = 1; r < rows; r++) {
    const d = `M0 ${r * CELL}H${columns * CELL}`;
    if (boxRows > 0 && r % boxRows === 0) thick += d;
    else thin += d;
  }
  for (let c = 1; c < columns; c++) {
    const d = `M${c * CELL} 0V${rows * CELL}`;
    if (boxColumns > 0 && c % boxColumns === 0) thick += d;
    else thin += d;
  }
  return [h('path', { class: 'line', d: thin }), h('path', { class: 'box-line', d: thick })];
}

const sure = (cycle, i) => {
  const p = list(cycle?.confidence)[i];
  return typeof p === 'number' ? Math.max(0, Math.min(1, p)) : undefined;
};

const where = (i, columns) => `row ${Math.floor(i / columns) + 1}, column ${(i % columns) + 1}`;

/** Digits; the fainter, the less sure. */
function Digits({ cells, givens, cycle, columns, marks }) {
  return cells.map((symbol, i) => {
    if (BLANK.test(symbol)) return null;
    const p = givens.has(i) ? 1 : sure(cycle, i) ?? 1;
    return h('text', { key: i, class: `${givens.has(i) ? 'given' : 'filled'}${marks.has(i) ? ' conflict' : ''}`,
      x: (i % columns) * CELL + CELL / 2, y: Math.floor(i / columns) * CELL + CELL * 0.68, 'fill-opacity': (0.45 + 0.55 * p).toFixed(2) },
      h('title', null, `${where(i, columns)}: ${printable(symbol)}${givens.has(i) ? ', given' : `, confidence ${percent(sure(cycle, i))}`}`), printable(symbol));
  });
}

/** Walls, way, start and goal; the way in eight steps of confidence. */
function MazeCells({ cells, cycle, columns }) {
  const at = (symbol) => cells.flatMap((c, i) => (c === symbol ? [i] : []));
  const way = at('o');
  const step = (i) => Math.round((sure(cycle, i) ?? 1) * 7);
  const end = (symbol) => at(symbol).map((i) => h('text', { class: 'end', x: (i % columns) * CELL + CELL / 2, y: Math.floor(i / columns) * CELL + CELL * 0.72 }, symbol));
  return [h('path', { class: 'wall', d: squares(at('#'), columns) }),
    [0, 1, 2, 3, 4, 5, 6, 7].map((level) => h('path', { class: 'way', 'fill-opacity': (0.25 + (0.75 * level) / 7).toFixed(2),
      d: squares(way.filter((i) => step(i) === level), columns, 5) })),
    h('path', { class: 'end-cell', d: squares([...at('S'), ...at('G')], columns, 2) }), end('S'), end('G')];
}

/** The drawing alone; `differing` cells are outlined, for comparisons. */
export class Grid extends Pure {
  render({ board, cycle, differing, label }) {
    const [rows, columns] = size(board);
    const total = Math.min(rows * columns, 10_000);
    const puzzle = characters(board.puzzle);
    const maze = isMaze(board);
    const cells = (cycle?.board ? characters(cycle.board) : puzzle).slice(0, total);
    const givens = new Set(puzzle.flatMap((c, i) => (BLANK.test(c) ? [] : [i])));
    const inside = (indices) => list(indices).filter((i) => Number.isInteger(i) && i >= 0 && i < total);
    const [changed, conflicts] = [inside(cycle?.changed), inside(cycle?.conflicts)];
    const [width, height] = [columns * CELL, Math.ceil(total / columns) * CELL];
    return h('svg', { class: `grid${maze ? ' maze' : ''}`, viewBox: `-2 -2 ${width + 4} ${height + 4}`, role: 'img', 'aria-label': label },
      h('rect', { class: 'paper', width, height }),
      maze && h(MazeCells, { cells, cycle, columns }),
      h('path', { class: 'given-cell', d: maze ? '' : squares([...givens], columns) }),
      h('path', { class: 'changed', d: squares(changed, columns, maze ? 1 : 0) }),
      h('path', { class: 'conflicts', d: squares(conflicts, columns, maze ? 1 : 0) }),
      !maze && h(Digits, { cells, givens, cycle, columns, marks: new Set(conflicts) }),
      !maze && lines(rows, columns, board.box_rows, board.box_columns),
      differing && h('path', { class: 'differing', d: squares(inside(differing), columns, 3) }),
      h('rect', { class: 'frame', width, height }));
  }
}

const mean = (cycle, puzzle) => {
  const open = list(cycle?.confidence).filter((_, i) => puzzle[i] === undefined || BLANK.test(puzzle[i]));
  return open.length ? open.reduce((a, b) => a + b, 0) / open.length : undefined;
};

export class Board extends Pure {
  render({ thought, position, decided }) {
    const cycle = thought.cycles[position];
    const { board } = thought;
    const [changed, conflicts] = [list(cycle?.changed).length, list(cycle?.conflicts).length];
    const state = decided >= 0 && position >= decided
      ? position === decided ? 'decided here' : 'no longer changes' : 'still changes';
    const label = cycle
      ? `Board after cycle ${position + 1}: ${plural(changed, 'cell')} changed, ${count(conflicts)} in conflict, ${state}`
      : 'The puzzle; no cycle has been traced yet';
    return h('section', { class: 'panel board', 'aria-label': 'Board' },
      h('h2', null, 'Board', h('span', { class: 'hint' }, printable(board.kind, 60))),
      h('div', { class: 'grid-frame' }, h(Grid, { board, cycle, label })),
      h('dl', { class: 'facts' },
        h('div', { class: 'fact changed' }, h('dt', null, h('i', { class: 'swatch changed' }), 'changed'), h('dd', null, count(changed))),
        h('div', { class: 'fact conflict' }, h('dt', null, h('i', { class: 'swatch conflicts' }), 'in conflict'), h('dd', null, count(conflicts))),
        h('div', { class: 'fact' }, h('dt', null, 'confidence'), h('dd', null, percent(mean(cycle, characters(board.puzzle))))),
        h('div', { class: 'fact' }, h('dt', null, 'answer'), h('dd', null, state))));
  }
}
