// @ts-check
// How many columns make the pictures largest.
const GAP = 8;
// Between the shapes of cameras: wide on desks, upright on phones.
const SHAPE = 4 / 3;

/**
 * The columns and rows in which `count` tiles fill `width` by `height` pixels best.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 */
export function tiling(count, width, height) {
  let best = { columns: 1, rows: Math.max(1, count), size: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const wide = (width - GAP * (columns - 1)) / columns;
    const high = (height - GAP * (rows - 1)) / rows;
    const size = Math.min(wide, high * SHAPE);
    if (size > best.size) best = { columns, rows, size };
  }
  return best;
}
