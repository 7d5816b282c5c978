// The real clients and their flows: each takes an org and gives what its user sees, that is what it prints and, where a browser takes part,
// where that one stopped.

import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Cci } from '../cumulusci/cci.mjs';
import { Home } from '../salesforce_cli/cli.mjs';
import { MY_DOMAIN } from './org.mjs';
import { run } from './run.mjs';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const python = (folder) => here(`${folder}/.venv/bin/python`);

const QUERY = ['data', 'query', '-o', 'org', '-q', 'SELECT Id, Name FROM Organization'];

/** `sf`, in a home that ends with `story`. */
async function sf(org, story) {
  const home = new Home(org.user, org.env);
  try {
    return await story(home);
  } finally {
    home.remove();
  }
}
export const stopped = (home) => (existsSync(home.env.PERSON_LOG) ? /^\w*Error: (.*)/m.exec(readFileSync(home.env.PERSON_LOG, 'utf8')) : null)?.[1];

/** `sf org login web` with the org's own app, whose secret it asks for. */
export async function sfWeb(org, home, register = true) {
  const callback = await home.callback();
  if (register) await org.change('callbackUrl', [callback]);
  const answer = org.app.consumer_secret;
  const args = ['org', 'login', 'web', '-r', MY_DOMAIN, '-i', org.app.consumer_key, '-a', 'org'];
  const { code, text } = await home.run(args, { answer, until: () => stopped(home) !== undefined });
  return { code, text: stopped(home) ? `the browser ${stopped(home)}` : text };
}
/** The address with the refresh token that `sf` keeps. */
export async function sfUrl(home) {
  return (await home.result(['org', 'display', '-o', 'org', '--verbose'], { env: { SF_TEMP_SHOW_SECRETS: 'true' } })).sfdxAuthUrl;
}
export const sfQuery = (home) => home.run(QUERY);
const first = (name, { code, text }) => {
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${text}`);
};

const jsforce = (flow) => async (org, register = true) => {
  const env = { ...org.env, ...(register ? {} : { REGISTER: 'no' }) };
  return run(process.execPath, [here('jsforce/one.mjs'), flow, org.files.ready, org.files.credentials], { env });
};
const simpleSalesforce = (flow) => (org) => run(python('simple_salesforce'), [here('simple_salesforce/one.py'), flow, org.files.credentials], { env: org.env });

async function cci(org, story) {
  const home = new Cci(org);
  try {
    const done = await story(home);
    const stopped = /^\w*Error: (.*)/m.exec(home.browser());
    return stopped ? { ...done, text: `${done.text}\nthe browser ${stopped[1]}` } : done;
  } finally {
    home.remove();
  }
}

/** By client: its name for people, its flows, each `(org, register) => { code, text }`. `register`: its callback URL stands on the app. */
export const CLIENTS = {
  'salesforce-cli': {
    title: 'Salesforce CLI',
    flows: {
      jwt: (org) =>
        sf(org, (home) => {
          const key = home.file('key.pem', org.credentials.jwt.private_key_pem);
          const login = ['org', 'login', 'jwt', '-i', org.app.consumer_key, '-f', key, '-o', org.user.username, '-a', 'org', '-r', MY_DOMAIN];
          return home.run(login).then((done) => (done.code === 0 ? sfQuery(home) : done));
        }),
      web: (org, register) => sf(org, (home) => sfWeb(org, home, register)),
      refresh: (org) =>
        sf(org, async (home) => {
          first('sf org login web', await sfWeb(org, home));
          await org.later();
          return sfQuery(home);
        }),
      reuse: (org) =>
        sf(org, async (home) => {
          first('sf org login web', await sfWeb(org, home));
          const url = await sfUrl(home);
          await sf(org, async (other) => first('sf org login sfdx-url', await other.run(['org', 'login', 'sfdx-url', '-f', other.file('url.txt', url), '-a', 'org'])));
          await org.later();
          return sfQuery(home);
        }),
    },
  },
  jsforce: {
    title: 'jsforce',
    flows: { jwt: jsforce('jwt'), web: jsforce('web'), refresh: jsforce('refresh'), reuse: jsforce('reuse'), cc: jsforce('cc') },
  },
  'simple-salesforce': {
    title: 'simple-salesforce',
    flows: { jwt: simpleSalesforce('jwt'), cc: simpleSalesforce('cc') },
  },
  cumulusci: {
    title: 'CumulusCI',
    flows: {
      jwt: (org) => run(python('cumulusci'), [here('cumulusci/one.py'), org.files.credentials], { env: org.env }),
      web: (org, register) => cci(org, (home) => home.connect(register)),
      refresh: (org) =>
        cci(org, async (home) => {
          first('cci org connect', await home.connect());
          await org.later();
          return home.use();
        }),
      reuse: (org) =>
        cci(org, async (home) => {
          first('cci org connect', await home.connect());
          const kept = home.backup(); // another machine has the same grant
          first('cci org info', await home.use());
          home.restore(kept);
          return home.use();
        }),
    },
  },
};
