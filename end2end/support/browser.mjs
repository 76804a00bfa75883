import { env } from './server.mjs';

/** How the browser is started: quiet, and without asking anybody else anything. */
export function launch() {
  return {
    executablePath: env('CHROMIUM_PATH'),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}

/**
 * Notes what must never happen in a browser: an error on the console, an exception nobody caught, an answer that says
 * the server is at fault. `tell` is called with one line for each.
 */
export function watch(context, tell, { scripts = true } = {}) {
  const refusals = new Set();
  context.on('response', (response) => {
    const status = response.status();
    if (status >= 500) tell(`${status} from ${response.request().method()} ${response.url()}`);
    // A page that says no is still a page; the browser writes its status to the console all the same.
    // So is it an answer if what was typed is out of date.
    if (status === 409 || (status >= 400 && response.request().isNavigationRequest())) refusals.add(response.url());
  });
  context.on('console', (message) => {
    // An island that the browser's side does not know stays dead, and that is no mere warning.
    const dead = message.text().startsWith('Could not find WASM function');
    if (message.type() !== 'error' && !dead) return;
    const url = message.location().url;
    if (/^Failed to load resource: .* status of 4\d\d/.test(message.text()) && refusals.has(url)) return;
    // The icon is asked for when the browser likes, also after a test has stopped its own server.
    if (message.text().includes('ERR_CONNECTION_REFUSED') && url.endsWith('/favicon.svg')) return;
    tell(`console: ${message.text()} (${url})`);
  });
  // Without scripts there is nothing of ours that could throw; what the browser throws at itself is its own affair.
  if (scripts) context.on('weberror', (error) => tell(`exception: ${error.error()}`));
}

/** Lets a test see when the islands of a page react. They say so to nobody, but they begin to listen. */
export async function listenForIslands(context) {
  await context.addInitScript(() => {
    const add = EventTarget.prototype.addEventListener;
    const heard = new Set();
    Object.defineProperty(window, 'heard', { value: heard });
    EventTarget.prototype.addEventListener = function (type, ...rest) {
      if (this === window || this === undefined) heard.add(type);
      return add.call(this, type, ...rest);
    };
  });
}

/** Shows the page in light or dark without loading it again. */
export async function showIn(page, colorScheme) {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // Chromium keeps some inherited colours of before in what it has painted; this makes it paint everything anew.
  await page.evaluate(() => {
    const root = document.documentElement;
    root.style.display = 'none';
    root.getBoundingClientRect();
    root.style.display = '';
  });
}

/** Waits until the islands of the page react. */
export async function awake(page) {
  await page.waitForFunction(() => {
    // The palette comes last in the document, and so it wakes last.
    if (document.getElementById('palette')) return window.heard.has('keydown');
    return [...document.querySelectorAll('leptos-children')].every((node) => node.$$on_hydrate);
  });
}
