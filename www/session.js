// @ts-check
/**
 * What the page asks over plain HTTP: who we are, and the rarer documents.
 * The token itself lives in a cookie that no script can read.
 */

export class RequestError extends Error {
  /** @param {number} status @param {any} problem */
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem?.code ?? (status ? `http-${status}` : 'offline');
    this.data = problem ?? {};
  }
}

/**
 * @param {string} path @param {{method?: string, body?: unknown}} [options]
 * @returns {Promise<any>} the answer's JSON, null when it has none
 */
export async function request(path, { method = 'GET', body } = {}) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
    });
  } catch {
    throw new RequestError(0, null);
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    // Not ours to show: a proxy's page, for instance.
  }
  if (!response.ok) throw new RequestError(response.status, answer);
  return answer;
}

/** What a plain request is told: `refused` when the gateway wants a token first. @returns {Promise<'admitted'|'refused'|'unreachable'>} */
export async function admission() {
  try {
    await request('api/v1/session');
    return 'admitted';
  } catch (error) {
    return error instanceof RequestError && error.status === 401 ? 'refused' : 'unreachable';
  }
}

/** Which page the gateway serves now; null when it does not say. @returns {Promise<string|null>} */
export async function pageVersion() {
  const answer = await fetch('./', { method: 'HEAD', cache: 'no-store' }).catch(() => null);
  return answer?.headers.get('Page-Version') ?? null;
}

/** @param {string} token */
export const logIn = (token) => request('api/v1/session', { method: 'POST', body: { token } });

export const logOut = () => request('api/v1/session', { method: 'DELETE' });
