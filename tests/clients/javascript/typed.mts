// Compiled by a test, never run.
import { connect, Uncertain } from '@gpio-gateway/client';

const gw = await connect('http://localhost:8080', { token: 'x' });
const { was, seq } = await gw.set('red', 1, { for_ms: 500 });
const { lines } = await gw.call('circuit.get', {});
const safe: 0 | 1 | 'hold' | undefined = lines[0].safe;
const { boot } = await gw.call('system.ping', {});
await gw.call('line.blink', { line: 'red', on_ms: was + 1, off_ms: seq });
// @ts-expect-error on_ms is missing
const wrong: Parameters<typeof gw.call<'line.blink'>>[1] = { line: 'red', off_ms: 1 };
for await (const event of gw.events()) {
  if (event.lost !== undefined) continue;
  const value: 0 | 1 = event.value;
  throw new Uncertain(`${event.line} ${value} ${safe} ${boot} ${String(wrong)}`);
}
