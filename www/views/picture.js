// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Line} from '../state.js' */
/**
 * The circuit as one SVG that stands by itself: the board, every wire, part and rail, with the title and in
 * the look that the page has now. Drawn within the page, so that its style sheets hold, then freed of them.
 */
import { draw, make } from '../dom.js';
import { t, titleOf } from '../i18n/text.js';
import { bcmOf, boardPinOf, channelOf, railOf, railsOf, supplyOf } from '../layout.js';
import { colourAs, drawBoard, wiredIn } from './board.js';

const EDGE = 24;
const HEAD = 64;
const RAIL_ROW = 22;
const ROW = 61;
const PART = { x: 76, width: 120 };
/** From the left edge of the rungs. */
const RAIL_AT = /** @type {Record<string, number>} */ ({ 'gnd': 226, '3v3': 238, '5v': 250 });
const WORDS_AT = 276;
const SCALE = 2;

/** What makes the look of a shape or a text. */
const LOOKS =
  'fill stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin opacity font-family font-size font-weight text-anchor';

/** Gives a copy the looks that the style sheets give the original. @param {Element} seen @param {Element} copy */
function free(seen, copy) {
  const style = getComputedStyle(seen);
  if (style.display === 'none') return copy.remove();
  const parts = [...copy.children];
  [...seen.children].forEach((one, n) => free(one, parts[n]));
  if (style.transform !== 'none' && !copy.hasAttribute('transform')) {
    const [x, y] = style.transformOrigin.split(' ').map(parseFloat);
    copy.setAttribute('transform', `translate(${x} ${y})${style.transform}translate(${-x} ${-y})`);
  }
  for (const { name } of [...copy.attributes]) {
    if (/^(class|style|aria-|data-)/.test(name)) copy.removeAttribute(name);
  }
  if (parts.length) return;
  for (const name of LOOKS.split(' ')) copy.setAttribute(name, style.getPropertyValue(name));
}

/** @param {number} x @param {number} y @param {string} words @param {string} font weight and size @param {any} [more] */
function write(x, y, words, font, more) {
  const [weight, size] = font.split(' ');
  const look = { 'fill': 'var(--ink)', 'font-weight': weight, 'font-size': size };
  return draw('text', { x, y, ...look, ...more }, words);
}

/** @param {string} d @param {string} token @param {number} [width] */
const wire = (d, token, width = 2) =>
  draw('path', { d, 'fill': 'none', 'stroke': `var(--${token})`, 'stroke-width': width });

/** @param {Store} store @returns {Promise<Blob>} an SVG */
export async function pictureOf({ circuit }) {
  const lines = circuit?.lines ?? [];
  const rails = railsOf(lines);
  const wired = wiredIn(lines);
  /** @param {string} name */
  const middle = (name) => {
    const rail = rails.findIndex((one) => `rail-${one.rail}` === name);
    if (rail >= 0) return RAIL_ROW * (rail + 0.5);
    const place = lines.findIndex((line) => line.name === name);
    return RAIL_ROW * rails.length + ROW * (place + 0.5);
  };
  const channel = channelOf(wired.length);
  const board = drawBoard({
    wires: wired.map((one) => ({ ...one, y: middle(one.name) })),
    lines,
    channel,
    height: middle(lines.at(-1)?.name ?? '') + ROW / 2,
    offset: 0,
    colour: (name, element) => {
      colourAs(name, element);
      element.dataset.on = document.getElementById(`rung-${name}`)?.dataset.flow;
    },
  });
  const high = Number(board.getAttribute('height'));
  const title = titleOf(circuit?.title, circuit?.name);
  const all = draw(
    'g',
    { transform: `translate(${EDGE} ${HEAD})` },
    write(0, EDGE - HEAD + 22, title, '600 24'),
    board,
  );
  for (const { rail, pin } of rails) {
    const y = middle(`rail-${rail}`);
    const x = channel.to + RAIL_AT[rail];
    // The wire has a gap for its name.
    all.append(
      wire(`M${channel.to} ${y}h8M${channel.to + 88} ${y}H${x}V${high}`, `rail-${rail}`),
      write(channel.to + 12, y + 4, `${rail.toUpperCase()} · ${t('pin', { pin })}`, '700 11'),
    );
  }
  for (const line of lines) all.append(drawRung(line, channel.to, middle(line.name)));
  const paper = draw('rect', { fill: 'var(--paper)' });
  const picture = draw(
    'svg',
    { class: 'pi', xmlns: 'http://www.w3.org/2000/svg' },
    draw('title', {}, title),
    paper,
    all,
  );
  // Off the page, but in it: only there the style sheets hold.
  const stage = make('div.unseen', { 'aria-hidden': 'true' }, picture);
  document.body.append(stage);
  const width = Math.ceil(all.getBBox().width) + 2 * EDGE;
  for (const one of [picture, paper]) {
    one.setAttribute('width', width);
    one.setAttribute('height', high + HEAD + EDGE);
  }
  const copy = picture.cloneNode(true);
  free(picture, copy);
  stage.remove();
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' });
}

/** A line's bubble, part, feeds and words. @param {Line} line @param {number} left @param {number} y */
function drawRung(line, left, y) {
  const rung = /** @type {HTMLElement} */ (document.getElementById(`rung-${line.name}`));
  const seen = /** @type {Element} */ (rung.querySelector('.part svg'));
  const symbol = /** @type {Element} */ (seen.cloneNode(true));
  free(seen, symbol);
  const place = { x: left + PART.x, y: y - 24, width: PART.width, height: 48, overflow: 'visible' };
  for (const [name, value] of Object.entries(place)) symbol.setAttribute(name, String(value));
  const isLit = rung.dataset.flow === '1';
  const isOn = rung.dataset.on === '1';
  const own = isLit ? 'part' : 'jumper';
  const thick = isLit ? 3 : 2;
  const pin = boardPinOf(line);
  const bcm = bcmOf(line);
  const middle = { 'text-anchor': 'middle' };
  const group = draw(
    'g',
    {},
    wire(`M${left + (pin ? 0 : 28)} ${y}H${place.x}`, own, thick),
    symbol,
    draw('rect', {
      'x': left + 11,
      'y': y - 15,
      'width': 34,
      'height': 30,
      'rx': 15,
      'fill': `var(--${isOn ? 'part' : 'sheet'})`,
      'stroke': `var(--${isOn ? 'part' : 'idle'})`,
      'stroke-width': 2,
    }),
    write(left + 28, y + 5, String(bcm ?? line.gpio?.offset ?? '·'), '700 15', {
      ...middle,
      fill: `var(--${isOn ? 'sheet' : 'ink'})`,
    }),
    write(left + 28, y + 27, pin ? t('pin', { pin }) : '', '400 11', middle),
    write(left + WORDS_AT, y - 2, titleOf(line.title, line.name), '600 16'),
    write(
      left + WORDS_AT,
      y + 16,
      pin ? t('pin.of', { bcm, pin }) : (line.gpio?.name ?? ''),
      '400 12',
    ),
  );
  /** @param {string} rail @param {number} at @param {string} token @param {number} [wide] */
  const feed = (rail, at, token, wide) => {
    const end = left + RAIL_AT[rail];
    const d = `M${left + PART.x + PART.width} ${at}H${end}`;
    // Where it crosses another rail, it passes over it.
    const dot = draw('circle', { cx: end, cy: at, r: 4, fill: `var(--${token})` });
    group.append(wire(d, 'paper', 6), wire(d, token, wide), dot);
  };
  const supply = supplyOf(line);
  if (supply) feed(supply, y - 10, `rail-${supply}`);
  if (supply) feed('gnd', y + 10, 'rail-gnd');
  else feed(railOf(line), y, isLit ? 'part' : 'idle', thick);
  colourAs(line.name, group);
  return group;
}

/** @param {Blob} svg @returns {Promise<Blob>} */
export async function asPng(svg) {
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = make('canvas', { width: width * SCALE, height: height * SCALE });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done));
}
