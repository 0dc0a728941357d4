import type { Event, Line, Methods, Outcome } from './api.js';

export type * from './api.js';

/** An event of a line, in order. */
export interface LineEvent extends Omit<Event, 'line' | 'value' | 'lost'> {
  line: string;
  value: 0 | 1;
  lost?: undefined;
}

/** Events are missing here: `lost` of them, null where nobody knows how many. */
export interface Gap {
  boot: string;
  seq: number;
  lost: number | null;
  line?: undefined;
}

export type Change = Outcome;

export interface Position {
  boot: string;
  seq: number;
  time: string;
}

export type Phase = 'closed' | 'connecting' | 'connected' | 'waiting' | 'refused';

export interface Options {
  token?: string;
  /** "connection" (default): outputs go to their safe value when this connection ends. null: they stay. */
  lease?: 'connection' | null;
  /** `position` of an earlier Gateway: events since then are handed over first. */
  since?: Position | null;
  onPhase?: (phase: Phase, error: Error | null) => void;
  onSnapshot?: (lines: Record<string, Line>) => void;
}

type More<Method extends keyof Methods> = Omit<Methods[Method]['params'], 'line' | 'value'>;

export class Gateway {
  constructor(url: string, options?: Options);
  readonly phase: Phase;
  readonly position: Position | null;
  lines: Record<string, Line>;
  start(): Promise<void>;
  close(): void;
  set(line: string, value: 0 | 1 | boolean, more?: More<'line.set'>): Promise<Change>;
  toggle(line: string, more?: More<'line.toggle'>): Promise<Change>;
  call<Method extends keyof Methods>(method: Method, params: Methods[Method]['params']): Promise<Methods[Method]['result']>;
  call(method: string, params?: object): Promise<unknown>;
  events(): AsyncIterableIterator<LineEvent | Gap>;
}

export function connect(url: string, options?: Options): Promise<Gateway>;

export class GatewayError extends Error {
  constructor(message: string, code?: string, data?: object);
  code: string;
  data: Record<string, unknown>;
}
export class Unauthorized extends GatewayError {}
export class NotFound extends GatewayError {}
export class Conflict extends GatewayError {}
export class Uncertain extends GatewayError {}
export class Unreachable extends GatewayError {}
