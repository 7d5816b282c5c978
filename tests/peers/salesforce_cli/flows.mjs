// The Salesforce CLI, unmodified, as a client of the simulated org: each login that it has, then what one does with an org.
//
//   node flows.mjs READY.json CREDENTIALS.json        (what `org serve --proxy-port 0` printed; its credentials file)
//
// https_proxy names the proxy of the org, NODE_EXTRA_CA_CERTS its CA. One line per check; ends with 1 when one is not ok.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { change } from '../jsforce/door.mjs';
import { Home } from './cli.mjs';

const [ready, credentials] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const MY_DOMAIN = 'https://acme.my.salesforce.com';
const [user] = credentials.users;
const app = (wanted) => credentials.apps.find(({ name }) => name === wanted);
let failed = 0;
let web; // by the web login: access and refresh token, for those after it

// An External Client App is not known at the shared login host.
for (const [words, name, host] of [
  ['at My Domain', credentials.jwt.app, ['-r', MY_DOMAIN]],
  ['of a connected app, at the login host that it takes by itself', 'Legacy', []],
]) {
  await check(`org login jwt ${words}`, async (home) => {
    const key = home.file('key.pem', credentials.jwt.private_key_pem);
    await home.result(['org', 'login', 'jwt', '-i', app(name).consumer_key, '-f', key, '-o', user.username, '-a', 'org', ...host]);
    await use(home);
  });
}

await check('org login web', async (home) => {
  const callback = await home.callback();
  await change(ready, credentials, 'SalesforceCLI', 'callbackUrl', [callback]);
  await home.result(['org', 'login', 'web', '-r', MY_DOMAIN, '-a', 'org']);
  await use(home);
  const secrets = await home.result(['org', 'display', '-o', 'org', '--verbose'], { env: { SF_TEMP_SHOW_SECRETS: 'true' } });
  web = { accessToken: secrets.accessToken, url: secrets.sfdxAuthUrl };
  if (!/^force:\/\/PlatformCLI:/.test(web.url ?? '')) throw new Error('no address with a refresh token');
});

await check('org login sfdx-url', async (home) => {
  await home.result(['org', 'login', 'sfdx-url', '-f', home.file('url.txt', web.url), '-a', 'org']);
  await use(home);
});

await check('org login access-token', async (home) => {
  await home.result(['org', 'login', 'access-token', '-r', MY_DOMAIN, '-a', 'org', '--no-prompt'], { env: { SF_ACCESS_TOKEN: web.accessToken } });
  await use(home);
});

await check('org logout, after which the org is forgotten', async (home) => {
  await home.result(['org', 'login', 'sfdx-url', '-f', home.file('url.txt', web.url), '-a', 'org']);
  await home.result(['org', 'logout', '-o', 'org', '--no-prompt']);
  const { code, out } = await home.run(['org', 'display', '-o', 'org', '--json']);
  if (code === 0) throw new Error('it still knows the org');
  if (!/NamedOrgNotFound/.test(out)) throw new Error(`it failed in another way: ${out}`);
});

process.exit(failed ? 1 : 0);

async function check(name, run) {
  const home = new Home(user);
  try {
    await run(home);
    console.log(`ok - salesforce cli: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - salesforce cli: ${name}: ${error.message.replace(/\s+/g, ' ')}`);
  } finally {
    home.remove();
  }
}

/** What one does with an org: look at it, and ask it something. */
async function use(home) {
  const shown = await home.result(['org', 'display', '-o', 'org']);
  if (shown.connectedStatus !== 'Connected' || shown.username !== user.username) throw new Error(`it shows ${JSON.stringify(shown)}`);
  const { done, records } = await home.result(['data', 'query', '-o', 'org', '-q', 'SELECT Id, Name FROM Organization']);
  if (done !== true || records.length !== 1 || records[0].Id !== shown.id) throw new Error(`the query gave ${JSON.stringify(records)}`);
}
