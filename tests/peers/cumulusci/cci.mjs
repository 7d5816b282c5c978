// `cci`, unmodified, in a home of its own.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MY_DOMAIN } from '../stories/org.mjs';
import { run } from '../stories/run.mjs';

const BIN = fileURLToPath(new URL('.venv/bin/', import.meta.url));

export class Cci {
  constructor(org, folder = mkdtempSync(join(tmpdir(), 'cci-'))) {
    this.org = org;
    this.folder = folder;
    // It would ask a package index for a newer version of itself, once an hour.
    mkdirSync(join(this.folder, '.cumulusci'), { recursive: true });
    writeFileSync(join(this.folder, '.cumulusci', 'cumulus_timestamp'), String(Date.now() / 1000));
    this.log = join(this.folder, 'person.log');
    this.env = { ...org.env, HOME: this.folder, CUMULUSCI_KEY: '0123456789abcdef', PERSON_LOG: this.log, NO_COLOR: '1', COLUMNS: '200' };
  }

  run(args, options = {}) {
    return run(join(BIN, 'cci'), args, { cwd: this.folder, env: this.env, seconds: 60, ...options });
  }

  /** `cci service connect`, then `cci org connect`, through the scripted browser. Ends as soon as the person is stopped. */
  async connect(register = true) {
    const callback = `http://localhost:${await freePort()}/callback`;
    if (register) await this.org.change('callbackUrl', [callback]);
    const { consumer_key: key, consumer_secret: secret } = this.org.app;
    const service = ['--client_id', key, '--client_secret', secret, '--callback_url', callback, '--login_url', MY_DOMAIN];
    const made = await this.run(['service', 'connect', 'connected_app', 'peer', ...service], { input: 'n\n' });
    if (made.code !== 0) throw new Error(`cci service connect ended with ${made.code}: ${made.text}`);
    const until = () => /^\w*Error: /.test(this.browser());
    return this.run(['org', 'connect', 'org', '--connected-app', 'peer', '--login-url', MY_DOMAIN, '--global-org'], { until });
  }

  /** What each command begins with: a refresh. */
  use() {
    return this.run(['org', 'info', 'org']);
  }

  /** The file that keeps the org with its tokens. */
  backup() {
    return readFileSync(join(this.folder, '.cumulusci', 'org.org'));
  }

  restore(kept) {
    writeFileSync(join(this.folder, '.cumulusci', 'org.org'), kept);
  }

  browser() {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
