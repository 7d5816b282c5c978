// A scripted person: opens an address, follows redirects, keeps cookies, fills forms by their labels and presses buttons by their words.

import { parse as parseHtml } from 'node-html-parser';

const STEPS = 20; // pages and redirects before the journey counts as lost
const parse = (html) => parseHtml(html, { blockTextElements: { script: true, style: true } }); // a `noscript` is for us

export class Person {
  #cookies = new Map(); // host and port -> name -> value

  /** `knows`: what to write into a field, by its label (`{ Username: …, Password: … }`); `presses`: the words of buttons, the first that a form has. */
  constructor(knows, presses = ['Log In', 'Allow', 'Continue', 'Connect']) {
    this.knows = new Map(Object.entries(knows).map(([label, value]) => [label.toLowerCase(), value]));
    this.presses = presses.map((words) => words.toLowerCase());
  }

  /** Opens `url` and goes on until the browser would be sent to `callback`; returns that address. Fails with the page's own words. */
  async travel(url, callback) {
    let request = { url: new URL(url), method: 'GET' };
    let passwords = 0;
    for (let step = 0; step < STEPS; step += 1) {
      if (sameEndpoint(request.url, callback)) return request.url;
      const { response, text } = await this.#fetch(request);
      const onward = response.headers.get('location') ?? automatic(text);
      if (onward) {
        const keeps = response.status === 307 || response.status === 308;
        request = { ...(keeps ? request : {}), url: new URL(onward, request.url), method: keeps ? request.method : 'GET' };
        continue;
      }
      const page = parse(text);
      if (page.querySelector('input[type=password]') && (passwords += 1) > 1) throw stopped(page, request.url, response.status);
      request = this.#answer(page, request.url, response.status);
    }
    throw new Error(`no callback after ${STEPS} pages, the last at ${request.url.pathname}`);
  }

  async #fetch({ url, method, body }) {
    const jar = this.#cookies.get(url.host) ?? new Map();
    this.#cookies.set(url.host, jar);
    const response = await fetch(url, {
      method,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      headers: {
        accept: 'text/html',
        ...(jar.size ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin }),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line);
      if (/;\s*max-age=0\b|;\s*expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return { response, text: await response.text() };
  }

  // Fills the first form that has a button this person presses.
  #answer(page, here, status) {
    for (const form of page.querySelectorAll('form')) {
      const buttons = form.querySelectorAll('button, input[type=submit]').map((button) => ({
        words: (button.textContent.trim() || button.getAttribute('value') || '').toLowerCase(),
        name: button.getAttribute('name'),
        value: button.getAttribute('value') ?? '',
      }));
      const pressed = this.presses.map((words) => buttons.find((button) => button.words === words)).find(Boolean);
      if (!pressed) continue;
      const body = new URLSearchParams();
      for (const input of form.querySelectorAll('input')) {
        const name = input.getAttribute('name');
        const type = (input.getAttribute('type') ?? 'text').toLowerCase();
        if (!name || ['submit', 'button', 'image'].includes(type)) continue;
        if (['checkbox', 'radio'].includes(type)) {
          if (input.hasAttribute('checked')) body.append(name, input.getAttribute('value') ?? 'on');
          continue;
        }
        body.append(name, type === 'hidden' ? (input.getAttribute('value') ?? '') : (this.knows.get(label(page, input)) ?? input.getAttribute('value') ?? ''));
      }
      if (pressed.name) body.append(pressed.name, pressed.value);
      const url = new URL(form.getAttribute('action') || here.href, here);
      if ((form.getAttribute('method') ?? 'get').toLowerCase() === 'post') return { url, method: 'POST', body: body.toString() };
      url.search = body.toString();
      return { url, method: 'GET' };
    }
    throw stopped(page, here, status);
  }
}

function stopped(page, here, status) {
  const words = (page.querySelector('[role=alert]') ?? page.querySelector('main') ?? page.querySelector('body') ?? page).textContent;
  const told = here.search.includes('error=') ? here.search : ''; // what an error page has in its address
  return new Error(`stopped at ${here.pathname}${told} (HTTP ${status}): ${words.replace(/\s+/g, ' ').trim().slice(0, 300)}`);
}

function label(page, input) {
  const id = input.getAttribute('id');
  const tied = page.querySelectorAll('label').find((each) => (id && each.getAttribute('for') === id) || each.querySelectorAll('input').includes(input));
  return (tied?.textContent ?? input.getAttribute('aria-label') ?? '').replace(/[:*\s]+$/, '').trim().toLowerCase();
}

function sameEndpoint(url, callback) {
  const wanted = new URL(callback);
  return url.origin === wanted.origin && url.pathname === wanted.pathname;
}

// A page that goes on by itself: a refresh, or the assignment of a location in a script.
function automatic(html) {
  const refresh = parse(html).querySelectorAll('meta').find((meta) => /^refresh$/i.test(meta.getAttribute('http-equiv') ?? ''));
  const byMeta = /url\s*=\s*['"]?([^'"]+)/i.exec(refresh?.getAttribute('content') ?? '');
  const byScript = /location(?:\.href\s*=\s*|\.(?:replace|assign)\(\s*)(["'])(.+?)\1/.exec(html);
  return byMeta?.[1] ?? (byScript && JSON.parse(`"${byScript[2].replaceAll('\\\'', '\'')}"`));
}
