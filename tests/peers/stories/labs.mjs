// The clients that refresh, as workers that share a grant: each logs in, is used, and has others beside it, with its store or with a copy.

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Cci } from '../cumulusci/cci.mjs';
import { Home } from '../salesforce_cli/cli.mjs';
import { sfQuery, sfWeb } from './clients.mjs';

const worker = fileURLToPath(new URL('../jsforce/worker.mjs', import.meta.url));

class Sf {
  constructor(org, folder) {
    this.org = org;
    this.home = new Home(org.user, org.env, folder);
  }

  login() {
    return sfWeb(this.org, this.home);
  }

  use() {
    return sfQuery(this.home);
  }

  copy() {
    const folder = mkdtempSync(join(tmpdir(), 'sf-'));
    cpSync(this.home.folder, folder, { recursive: true });
    return new Sf(this.org, folder);
  }

  remove() {
    this.home.remove();
  }
}

class CciWorker {
  constructor(org, folder) {
    this.org = org;
    this.home = new Cci(org, folder);
  }

  login() {
    return this.home.connect();
  }

  use() {
    return this.home.use();
  }

  copy() {
    const folder = mkdtempSync(join(tmpdir(), 'cci-'));
    cpSync(this.home.folder, folder, { recursive: true });
    return new CciWorker(this.org, folder);
  }

  remove() {
    this.home.remove();
  }
}

/** A process with one connection: the library has no store, so each worker has a copy. */
class Jsforce {
  constructor(org, tokens) {
    this.org = org;
    this.child = spawn(process.execPath, [worker, org.files.ready, org.files.credentials], { env: org.env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.tokens = tokens;
    if (tokens) this.adopted = this.ask(`adopt ${JSON.stringify(tokens)}`);
  }

  async ask(line) {
    this.child.stdin.write(`${line}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the worker ended');
    return JSON.parse(value);
  }

  async login() {
    const answer = await this.ask('login');
    this.tokens = answer.value;
    return answer;
  }

  async use() {
    await this.adopted;
    return this.ask('use');
  }

  copy() {
    return new Jsforce(this.org, this.tokens);
  }

  remove() {
    this.child.kill();
  }
}

/** By client. `store`: where it keeps its tokens between uses, and so whether two workers can share one. */
export const LABS = {
  'salesforce-cli': { title: 'Salesforce CLI', store: true, open: (org) => new Sf(org) },
  jsforce: { title: 'jsforce', store: false, open: (org) => new Jsforce(org) },
  cumulusci: { title: 'CumulusCI', store: true, open: (org) => new CciWorker(org) },
};
