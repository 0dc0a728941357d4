// @ts-check
/**
 * Making elements without markup in strings: a template's clone, or one by one.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} id @returns {HTMLElement} a copy of the template's one element */
export function clone(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  const first = /** @type {HTMLElement} */ (template.content.firstElementChild);
  return /** @type {HTMLElement} */ (document.importNode(first, true));
}

/** @param {ParentNode} root @param {string} selector @returns {any} */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`no ${selector} here`);
  return found;
}

/**
 * @param {string} name tag, with classes after dots: `p.hint`
 * @param {Record<string, any>} [attributes] `onclick` and the like become listeners
 * @param {...(Node|string|null|undefined)} children
 * @returns {any}
 */
export function make(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  return furnish(element, attributes, children);
}

/**
 * @param {string} tag @param {Record<string, any>} [attributes]
 * @param {...(Node|string|null|undefined)} children @returns {any}
 */
export function draw(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

/** @param {Element} element @param {Record<string, any>} attributes @param {any[]} children */
function furnish(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

/**
 * Writes only what differs, so that an unchanged line costs no layout.
 * @param {Element} element @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {string|null} value */
export function mark(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Loads a style sheet that a view on demand needs; resolves when it applies. @param {string} href */
export function useStyle(href) {
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const sheet = make('link', { rel: 'stylesheet', href });
  return new Promise((done) => {
    sheet.onload = sheet.onerror = () => done(undefined);
    document.head.append(sheet);
  });
}
