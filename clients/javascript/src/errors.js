/** Every error of this package. `code` is a word for programs, `data` what the gateway added. */
export class GatewayError extends Error {
  constructor(message, code = 'error', data = {}) {
    super(message);
    this.name = this.constructor.name;
    this.code = code;
    this.data = data;
  }
}

/** The token is missing or wrong, or its role may not do this. */
export class Unauthorized extends GatewayError {}

/** There is no such line, scene or method. */
export class NotFound extends GatewayError {}

/** The line refuses: an input, an interlock, a lock, or another event came first. */
export class Conflict extends GatewayError {}

/** The command was sent and its answer was lost: it may have been done or not. */
export class Uncertain extends GatewayError {}

/** There is no connection; nothing was sent. */
export class Unreachable extends GatewayError {}

const CLASSES = {
  unauthorized: Unauthorized,
  forbidden: Unauthorized,
  'no-such-line': NotFound,
  'no-such-scene': NotFound,
  'no-such-rule': NotFound,
  'no-such-method': NotFound,
  'not-found': NotFound,
  'not-an-output': Conflict,
  conflict: Conflict,
  interlock: Conflict,
  locked: Conflict,
  'not-simulated': Conflict,
  'forbidden-pin': Conflict,
  'read-only': Conflict,
};

const METHOD_NOT_FOUND = -32601;

/**
 * The error for a JSON-RPC error object.
 * @param {{code: number, message: string, data?: any}} error
 * @param {string} method
 * @param {any} params
 * @param {string[]} names of the lines that the gateway declares
 */
export function errorOf(error, method, params, names) {
  const code = error.data?.code ?? (error.code === METHOD_NOT_FOUND ? 'no-such-method' : 'bad-request');
  const Class = CLASSES[code] ?? GatewayError;
  return new Class(explain(error, code, method, params, names), code, error.data ?? {});
}

function explain(error, code, method, params, names) {
  const detail = error.data?.detail ?? error.message;
  if (code === 'no-such-line') {
    return `The gateway has no line "${params?.line}". Its lines are: ${names.join(', ')}.`;
  }
  if (code === 'not-an-output') {
    return `"${params?.line}" is an input: ${method} needs a line with "direction": "output" in the gateway's config.`;
  }
  if (code === 'forbidden') {
    return `The token's role may not do ${method}. Use the operator's token: \`gpio-gateway token show\` prints it.`;
  }
  if (code === 'no-such-method') {
    return `The gateway does not know ${method}: it may be of another version than this client.`;
  }
  return detail.startsWith(method) ? detail : `${method}: ${detail}`;
}

const REMEDY = 'Give connect(url, { token }); `gpio-gateway token show` on the gateway prints it.';

/**
 * The error for an upgrade that was answered with something else than 101.
 * @param {string} url @param {number} status @param {boolean} hasToken
 */
export function refusedUpgrade(url, status, hasToken) {
  if (status === 401) {
    const what = hasToken ? 'does not accept this token' : 'needs a token';
    return new Unauthorized(`${url} ${what}. ${REMEDY}`, 'unauthorized');
  }
  if (status === 403 || status === 421) {
    return new Unauthorized(`${url} refuses this host or origin (HTTP ${status}): see auth.allowed_hosts in its config.`, 'forbidden');
  }
  if (status === 429 || status >= 500) {
    return new Unreachable(`${url} cannot take a connection now (HTTP ${status}).`, 'unreachable');
  }
  return otherVersion(url, `it answers HTTP ${status} at /ws`);
}

/** @param {string} url @param {string} seen */
export function otherVersion(url, seen) {
  return new GatewayError(
    `${url} is not a gpio-gateway that speaks gpio-gateway.v1: ${seen}. Check the address, and the version of the gateway.`,
    'version',
  );
}
