import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

import { env } from './server.mjs';

/** Debian keeps the newest of PostgreSQL's programs here when it does not link them into the PATH. */
const DEBIAN = '/usr/lib/postgresql';

function psql() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort() : [];
  const found = versions.map((version) => `${DEBIAN}/${version}/bin/psql`).filter(existsSync).pop();
  return found ?? 'psql';
}

async function run(sql) {
  await promisify(execFile)(psql(), ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', env('COUNTERSIGN_TEST_POSTGRES'), '-c', sql]);
}

/** A PostgreSQL database of one's own. */
export async function database() {
  const name = `countersign_e2e_${process.pid}_${Date.now()}`;
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(env('COUNTERSIGN_TEST_POSTGRES'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}
