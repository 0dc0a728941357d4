// @ts-check
/** Rows that are put in another order: by their handle with the pointer, by the arrow keys on it. */

/** @param {HTMLElement} list @param {(from: number, to: number) => void} moved */
export function reorder(list, moved) {
  const place = (/** @type {Element} */ row) => [...list.children].indexOf(row);
  list.addEventListener('keydown', (event) => {
    const row = rowOf(event.target);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!row || !step) return;
    event.preventDefault();
    const to = place(row) + step;
    if (to >= 0 && to < list.children.length) moved(place(row), to);
  });
  list.addEventListener('pointerdown', (event) => {
    const row = rowOf(event.target);
    if (row && event.button === 0) drag(event, row);
  });

  /** @param {PointerEvent} event @param {HTMLElement} row */
  function drag(event, row) {
    const handle = /** @type {HTMLElement} */ (event.target);
    const from = place(row);
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    row.dataset.dragged = '';
    const ends = new AbortController();
    const { signal } = ends;
    handle.addEventListener('pointermove', (move) => follow(row, move.clientY), { signal });
    for (const type of ['pointerup', 'pointercancel']) {
      handle.addEventListener(
        type,
        () => {
          ends.abort();
          delete row.dataset.dragged;
          const to = place(row);
          if (to !== from) moved(from, to);
        },
        { signal },
      );
    }
  }

  /** @param {HTMLElement} row @param {number} y */
  function follow(row, y) {
    const above = row.previousElementSibling;
    const below = row.nextElementSibling;
    if (above && y < middle(above)) above.before(row);
    else if (below && y > middle(below)) below.after(row);
  }
}

/** @param {EventTarget|null} target @returns {HTMLElement|null} the row, where its handle was meant */
function rowOf(target) {
  return target instanceof Element && target.closest('.edit-handle')
    ? target.closest('.edit-line')
    : null;
}

/** @param {Element} element */
function middle(element) {
  const { top, height } = element.getBoundingClientRect();
  return top + height / 2;
}
