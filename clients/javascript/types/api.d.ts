// Made by generate.js from the OpenAPI document of the gateway. Do not edit.

export type Problem = { type?: string; title?: string; detail?: string; code?: string; errno?: string; blocked_by?: string; status?: number; retry_after?: number; };

/** Methods of call(): what each takes and gives. */
export interface Methods {
  'circuit.get': { params: { }; result: unknown };
  'circuit.off': { params: { }; result: unknown };
  'history.get': { params: { /** only this line */ line?: string; /** only events after this one */ since?: string; /** how many; 4096 at most in one answer: `complete` is false then */ limit?: number; /** only events at this time or later; from the history file, too, where there is one */ from?: string; /** only events before this time */ to?: string; }; result: unknown };
  'line.blink': { params: { /** name of the line */ line: string; /** time on */ on_ms: number; /** time off */ off_ms: number; /** times on; endless when it is missing */ count?: number; /** refuse unless this is still the line's seq */ expect?: number; /** back to the safe value unless the command comes again within this time */ lease_ms?: number; /** "connection": back to the safe value when this connection ends */ lease?: "connection"; }; result: unknown };
  'line.count': { params: { /** name of the line */ line: string; /** from where the counter goes on */ count: number; /** refuse unless this is still the line's seq */ expect?: number; }; result: unknown };
  'line.fade': { params: { /** name of the line */ line: string; /** share of time on at the end, which is then held */ to: number; /** length of the fade */ ms: number; /** frequency */ hz?: number; /** refuse unless this is still the line's seq */ expect?: number; /** back to the safe value unless the command comes again within this time */ lease_ms?: number; /** "connection": back to the safe value when this connection ends */ lease?: "connection"; }; result: unknown };
  'line.get': { params: { /** name of the line */ line: string; }; result: unknown };
  'line.lock': { params: { /** name of the line */ line: string; /** told to whoever tries */ reason: string; /** also switch the line off; an action ends off in any case */ off?: boolean; /** refuse unless this is still the line's seq */ expect?: number; }; result: unknown };
  'line.pulse': { params: { /** name of the line */ line: string; /** length of the pulse */ ms: number; /** refuse unless this is still the line's seq */ expect?: number; }; result: unknown };
  'line.pwm': { params: { /** name of the line */ line: string; /** share of time on */ duty: number; /** frequency */ hz?: number; /** refuse unless this is still the line's seq */ expect?: number; /** back to the safe value unless the command comes again within this time */ lease_ms?: number; /** "connection": back to the safe value when this connection ends */ lease?: "connection"; }; result: unknown };
  'line.set': { params: { /** name of the line */ line: string; [more: string]: unknown; }; result: unknown };
  'line.stop': { params: { /** name of the line */ line: string; /** refuse unless this is still the line's seq */ expect?: number; }; result: unknown };
  'line.toggle': { params: { /** name of the line */ line: string; /** refuse unless this is still the line's seq */ expect?: number; /** back to the safe value unless the command comes again within this time */ lease_ms?: number; /** "connection": back to the safe value when this connection ends */ lease?: "connection"; }; result: unknown };
  'line.unlock': { params: { /** name of the line */ line: string; /** refuse unless this is still the line's seq */ expect?: number; }; result: unknown };
  'lines.get': { params: { }; result: unknown };
  'lines.set': { params: { /** refuse when one of the lines has changed since this seq */ expect?: number; /** back to the safe value unless the command comes again within this time */ lease_ms?: number; /** "connection": back to the safe value when this connection ends */ lease?: "connection"; [more: string]: unknown; }; result: unknown };
  'neighbours.list': { params: { }; result: unknown };
  'pins.list': { params: { }; result: unknown };
  'pins.watch': { params: { /** how long to watch */ seconds?: number; /** how the pins are pulled meanwhile */ bias?: "pull-up" | "pull-down" | "as-is" | "disabled"; /** these alone, also where a bus is; else every free pin that carries none */ pins?: Array<string>; }; result: unknown };
  'pins.wiggle': { params: { /** the pin's name, as GPIO17 */ pin: string; /** how long it blinks */ ms?: number; /** also a pin that a bus is busy on */ anyway?: boolean; }; result: unknown };
  'scene.apply': { params: { /** name of the scene */ scene: string; /** refuse when one of the lines has changed since this seq */ expect?: number; /** back to the safe value unless the command comes again within this time */ lease_ms?: number; /** "connection": back to the safe value when this connection ends */ lease?: "connection"; }; result: unknown };
  'scene.list': { params: { }; result: unknown };
  'scene.stop': { params: { /** name of the scene */ scene: string; }; result: unknown };
  'simulator.pin': { params: { /** the pin's name, as GPIO17 */ pin: string; [more: string]: unknown; }; result: unknown };
  'simulator.set': { params: { /** name of the line */ line: string; [more: string]: unknown; }; result: unknown };
  'sockets.calls': { params: { /** the last answer's `next` */ since?: number; /** how many */ limit?: number; }; result: unknown };
  'sockets.demonstrate': { params: { /** socket, tcp, udp, compare, loss, many, limit, bind, listen, accept, connect, close */ step: string; }; result: unknown };
  'sockets.experiment': { params: { /** how many */ messages?: number; }; result: unknown };
  'sockets.get': { params: { /** the socket's number in the register */ id: number; }; result: unknown };
  'sockets.list': { params: { }; result: unknown };
  'sockets.packets': { params: { /** the socket's number in the register */ id: number; /** the last answer's `next` */ since?: number; }; result: unknown };
  'sockets.try': { params: { /** AF_INET, AF_INET6, AF_UNIX, … */ domain: string; /** SOCK_STREAM, SOCK_DGRAM, … */ type: string; }; result: unknown };
}
