import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What `cargo xtask test browser` says about the place; nothing of it can be guessed. */
export function env(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Run these tests with: cargo xtask test browser`);
  return value;
}

/**
 * A server of one's own: a free port, a fresh data folder, and everything it prints.
 * @param {{ demo?: boolean, databaseUrl?: string, args?: string[] }} options
 */
export async function start({ demo = true, databaseUrl, args = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-e2e-'));
  const command = ['serve', '--listen', '127.0.0.1:0', '--data-dir', folder, '--site-dir', env('COUNTERSIGN_SITE')];
  if (demo) command.push('--demo');
  if (databaseUrl) command.push('--database-url', databaseUrl);
  const child = spawn(env('COUNTERSIGN_BIN'), [...command, ...args], {
    // What is set around the tests must not configure the server.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('COUNTERSIGN_') && name !== 'DATABASE_URL'),
    ),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = { url: '', stdout: '', stderr: '', folder };
  child.stdout.setEncoding('utf8').on('data', (text) => (server.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (server.stderr += text));
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  let running = true;
  ended.then(() => (running = false));

  /** Waits until the server has printed something, and answers the match. */
  server.said = async (pattern) => {
    for (const until = Date.now() + 20_000; Date.now() < until; await sleep(20)) {
      const found = server.stdout.match(pattern);
      if (found) return found;
      if (!running) break;
    }
    throw new Error(`The server did not say ${pattern}.\n${server.stdout}\n${server.stderr}`);
  };

  /** What went wrong inside the server, line by line. */
  server.troubles = () => server.stderr.split('\n').filter((line) => /panicked|\bERROR\b/.test(line));

  /** Asks it to stop, as an operator would, and checks that it does so in good order. */
  server.stop = async () => {
    if (running) child.kill('SIGTERM');
    const late = sleep(25_000, 'late', { ref: false });
    const end = await Promise.race([ended, late]);
    if (end === 'late') child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
    if (end === 'late') throw new Error(`The server did not stop within 25 s of SIGTERM.\n${server.stderr}`);
    if (end.code !== 0) throw new Error(`The server ended with ${end.code ?? end.signal}.\n${server.stderr}`);
    const troubles = server.troubles();
    if (troubles.length > 0) throw new Error(`The server was in trouble:\n${troubles.join('\n')}`);
  };

  try {
    [, server.url] = await server.said(/Countersign is at (http:\S+)/);
    // It says where it is before it has said whom to sign in as.
    await server.said(demo ? /annotator +\S+@\S+\n/ : /works once, for a day:\s+\S+\n/);
  } catch (error) {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return server;
}
