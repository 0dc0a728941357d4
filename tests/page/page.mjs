// The page's modules for Node: copied beside a package.json that calls them modules,
// since www/ itself is for browsers and carries none.
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const WWW = join(dirname(fileURLToPath(import.meta.url)), '../../www');

const copy = mkdtempSync(join(tmpdir(), 'page-'));
cpSync(WWW, copy, { recursive: true });
writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));

export const load = (path) => import(pathToFileURL(join(copy, path)).href);

/** Every file of the page, by its path within www/. */
export function files(folder = WWW) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [relative(WWW, path)];
  });
}

export const text = (path) => readFileSync(join(WWW, path), 'utf8');
