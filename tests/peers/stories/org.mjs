// Orgs of `org serve`, one process each, and what an administrator does with them.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OPENER = fileURLToPath(new URL('../jsforce/open', import.meta.url));
const READY_WITHIN = 20_000;

export const MY_DOMAIN = 'https://acme.my.salesforce.com';

/** What the clients ask for, and that CumulusCI sends no challenge. */
const ASKED_FOR = { commaSeparatedOauthScopes: ['Api', 'Web', 'Full', 'RefreshToken', 'OpenID'], isPkceRequired: false };

export class Org {
  /** Starts one and waits until it is ready. `setup`: `app`, `users`, … of an org file, beside what the clients ask for. */
  static async start(binary, setup = {}, options = []) {
    const org = new Org();
    org.folder = mkdtempSync(join(tmpdir(), 'org-'));
    const file = join(org.folder, 'org.yaml');
    writeFileSync(file, JSON.stringify({ ...setup, app: { ...ASKED_FOR, ...setup.app } }));
    const [ca, credentials] = ['ca.pem', 'credentials.json'].map((name) => join(org.folder, name));
    const args = ['org', 'serve', file, ...options, '--format', 'json', '--proxy-port', '0', '--ca-out', ca, '--credentials-out', credentials];
    const env = { ...process.env, GRANTPROOF_STATE_DIR: join(org.folder, 'state') };
    org.child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    org.ended = new Promise((resolve) => org.child.on('close', (code) => resolve(code)));
    org.stderr = '';
    org.child.stderr.on('data', (data) => (org.stderr += data));
    org.ready = JSON.parse(await firstLine(org.child));
    org.ca = readFileSync(ca, 'utf8');
    org.credentials = JSON.parse(readFileSync(credentials, 'utf8'));
    org.files = { ca, credentials, ready: join(org.folder, 'ready.json') };
    writeFileSync(org.files.ready, JSON.stringify(org.ready));
    return org;
  }

  get user() {
    return this.credentials.users[0];
  }

  get app() {
    return this.credentials.apps[0];
  }

  get login() {
    return onLocalhost(this.ready.base_urls.login);
  }

  get myDomain() {
    return onLocalhost(this.ready.base_urls.my_domain);
  }

  /** The environment of a client that can reach this org, by Salesforce's own names, and nothing else. */
  get env() {
    const proxy = this.ready.proxy_url;
    return {
      ...process.env,
      https_proxy: proxy,
      HTTPS_PROXY: proxy,
      http_proxy: proxy,
      HTTP_PROXY: proxy,
      no_proxy: 'localhost',
      NO_PROXY: 'localhost',
      NODE_USE_ENV_PROXY: '1',
      NODE_NO_WARNINGS: '1',
      NODE_EXTRA_CA_CERTS: this.files.ca,
      REQUESTS_CA_BUNDLE: this.files.ca,
      PEERS_NODE: process.execPath,
      BROWSER: OPENER,
      PERSON_USERNAME: this.user.username,
      PERSON_PASSWORD: this.user.password,
    };
  }

  /** A command of the second door. */
  door(command, body) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { authorization: `Bearer ${this.credentials.door_token}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const asked = request(`${this.ready.admin_url}/${command}`, { method: text === undefined ? 'GET' : 'POST', ca: this.ca, headers }, (answer) => {
        let said = '';
        answer.on('data', (data) => (said += data));
        answer.on('end', () => (answer.statusCode === 200 ? resolve(JSON.parse(said)) : reject(new Error(`the door answered ${answer.statusCode}: ${said}`))));
      });
      asked.on('error', reject);
      asked.end(text);
    });
  }

  /** Changes a setting of the app, as an administrator would in Setup. */
  change(key, value, app = this.app.name) {
    return this.door('change', { app, key, value });
  }

  /** Access tokens end in between. */
  later() {
    return this.door('clock', { advance: 13 * 3600 });
  }

  /** What it holds of this machine: resident octets, and open sockets. */
  holds() {
    const of = (path) => `/proc/${this.child.pid}/${path}`;
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(of('status'), 'utf8'))[1]) * 1024;
    const sockets = readdirSync(of('fd')).filter((name) => {
      try {
        return readlinkSync(of(`fd/${name}`)).startsWith('socket:');
      } catch {
        return false; // closed in between
      }
    }).length;
    return { resident, sockets };
  }

  /** Ends it; what is wrong about its end, or nothing. */
  async end() {
    this.child.kill();
    const code = await this.ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (/panicked/i.test(this.stderr)) return `it panicked: ${this.stderr}`;
    return code === 0 ? undefined : `it ended with ${code}`;
  }
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`org serve printed no ready line within ${READY_WITHIN} ms`)), READY_WITHIN);
    child.stdout.on('data', (data) => {
      said += data;
      if (!said.includes('\n')) return;
      clearTimeout(late);
      resolve(said.slice(0, said.indexOf('\n')));
    });
    child.on('close', (code) => {
      clearTimeout(late);
      reject(new Error(`org serve ended with ${code} before it was ready`));
    });
  });
}

const onLocalhost = (url) => `https://localhost:${new URL(url).port}`;
