// The Salesforce CLI, unmodified, each time in a home of its own.

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('node_modules/@salesforce/cli/bin/run.js', import.meta.url));

/** A home: what one login leaves is seen by the commands after it. */
export class Home {
  #children = new Set();

  constructor(person, env = process.env, folder = mkdtempSync(join(tmpdir(), 'sf-'))) {
    if (!env.https_proxy) throw new Error('the Salesforce CLI runs only behind the proxy of an org: after a refusal it turns to the public login hosts');
    this.folder = folder;
    const bin = join(this.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    // It starts itself by its name.
    writeFileSync(join(bin, 'sf'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
    chmodSync(join(bin, 'sf'), 0o755);
    this.env = {
      ...env,
      HOME: this.folder,
      PATH: `${bin}:${env.PATH}`,
      PERSON_USERNAME: person.username,
      PERSON_PASSWORD: person.password,
      PERSON_LOG: join(this.folder, 'person.log'),
      SF_DISABLE_DNS_CHECK: 'true', // it asks the name service for the org's host, for four minutes
      SF_DISABLE_TELEMETRY: 'true',
      SF_AUTOUPDATE_DISABLE: 'true',
      SF_SKIP_NEW_VERSION_CHECK: 'true',
      SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      COLUMNS: '200',
    };
    for (const name of Object.keys(this.env)) if (/^(XDG_|DISPLAY$|WAYLAND_|SFDX_)/.test(name)) delete this.env[name];
  }

  /** Runs a command; `{ code, out, err, text }`. `answer` is typed at its first question. It is ended after `seconds`, or when `until` says so. */
  run(args, { answer, seconds = 60, env = {}, until = () => false } = {}) {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: this.folder, env: { ...this.env, ...env }, timeout: seconds * 1000 });
      this.#children.add(child);
      let out = '';
      let err = '';
      const watch = setInterval(() => until() && child.kill(), 200);
      child.stdout.on('data', (data) => {
        out += data;
        if (answer !== undefined && out.startsWith('? ')) {
          child.stdin.write(`${answer}\n`);
          answer = undefined;
        }
      });
      child.stderr.on('data', (data) => (err += data));
      child.on('error', reject);
      child.on('close', (code) => {
        this.#children.delete(child);
        clearInterval(watch);
        resolve({ code, out, err, text: `${out}\n${err}` });
      });
      if (answer === undefined) child.stdin.end();
    });
  }

  /** Runs a command that must pass, and gives the result of its JSON. */
  async result(args, options) {
    const { code, out, err } = await this.run([...args, '--json'], options);
    if (code !== 0) throw new Error(`sf ${args.slice(0, 3).join(' ')} ended with ${code}: ${out} ${err}`);
    return JSON.parse(out).result;
  }

  /** A file of the home. */
  file(name, content) {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** Makes it wait for its callback at a free port; gives the callback URL. */
  async callback() {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, 'localhost', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    this.file('sfdx-project.json', JSON.stringify({ packageDirectories: [{ path: 'app', default: true }], oauthLocalPort: port }));
    mkdirSync(join(this.folder, 'app'), { recursive: true });
    return `http://localhost:${port}/OauthRedirect`;
  }

  remove() {
    for (const child of this.#children) child.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
