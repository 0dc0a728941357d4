import type { paths, components } from './made.js';
type Answer<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { 'application/json': infer A } } } } } ? A : never;
declare const circuit: Answer<'/api/v1/circuit'>;
declare const event: components['schemas']['event'];
const value: 0 | 1 = circuit.lines[0].value;
const line: string | null = event.line;
const duty: number | undefined = event.pwm?.duty;
const body: NonNullable<paths['/api/v1/lines/{line}/pulse']['post']['requestBody']>['content']['application/json'] = { ms: 500 };
console.log(value, line, duty, body);