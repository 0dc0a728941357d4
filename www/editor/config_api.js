// @ts-check
/** What the editor asks of the gateway: the circuit's file, and the pins. */
import { RequestError, request } from '../session.js';

const CONFIG = 'api/v1/config';

/**
 * @param {string} path @param {RequestInit} options
 * @returns {Promise<{text: string, etag: string}>}
 */
async function ask(path, options) {
  let response;
  let text;
  try {
    response = await fetch(path, { cache: 'no-store', ...options });
    text = await response.text();
  } catch {
    throw new RequestError(0, null);
  }
  if (response.ok) return { text, etag: response.headers.get('ETag') ?? '*' };
  let problem = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // A proxy's page.
  }
  throw new RequestError(response.status, problem);
}

export const readConfig = () => ask(CONFIG, {});

/** @param {string} query @param {string} text @param {Record<string, string>} headers */
const put = async (query, text, headers) => {
  const type = { 'Content-Type': 'application/json' };
  const options = { method: 'PUT', body: text, headers: { ...type, ...headers } };
  return JSON.parse((await ask(CONFIG + query, options)).text);
};

/**
 * What the text would do. Of a text that is no config `errors`, else `changes`, `waits`, `warnings`.
 * @param {string} text
 * @returns {Promise<{errors?: {path: string, message: string}[], changes: any[], waits: string[], warnings: string[]}>}
 */
export async function checkConfig(text) {
  try {
    return await put('?dry_run=1', text, {});
  } catch (error) {
    const errors = error instanceof RequestError ? error.data.errors : undefined;
    if (!errors) throw error;
    return { errors, changes: [], waits: [], warnings: [] };
  }
}

/** @param {string} text @param {string} etag of the file that it is to replace */
export const writeConfig = (text, etag) => put('', text, { 'If-Match': etag });

/** @returns {Promise<any[]>} newest first */
export const versions = async () => (await request(`${CONFIG}/versions`)).versions;

export const undoConfig = () => request(`${CONFIG}/undo`, { method: 'POST', body: {} });

export const configSchema = () => request(`${CONFIG}/schema`);

/** @returns {Promise<{board: string|null, pins: any[]}>} */
export const readPins = () => request('api/v1/pins');

/** @param {string} pin @param {boolean} anyway */
export const wigglePin = (pin, anyway) =>
  request(`api/v1/pins/${encodeURIComponent(pin)}/wiggle`, {
    method: 'POST',
    body: anyway ? { ms: 2000, anyway } : { ms: 2000 },
  });

/** @param {string} bias */
export const watchPins = (bias) =>
  request('api/v1/pins/watch', { method: 'POST', body: { seconds: 20, bias } });
