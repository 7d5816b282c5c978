// A program with one jsforce connection that lives on, driven by lines on its standard input.
//
//   node worker.mjs READY.json CREDENTIALS.json
//
// `login` logs in through a scripted browser; `adopt JSON` takes the tokens of another worker; `use` runs a query. Each answers a line of JSON.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import jsforce from 'jsforce';
import { change } from './door.mjs';

const [ready, credentials] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const loginUrl = 'https://acme.my.salesforce.com'; // led to the org by its proxy
const [app] = credentials.apps;
const callback = 'https://localhost:8443/callback';
const oauth2 = (useVerifier) => new jsforce.OAuth2({ clientId: app.consumer_key, clientSecret: app.consumer_secret, redirectUri: callback, loginUrl, useVerifier });
let connection;

const commands = {
  async login() {
    await change(ready, credentials, app.name, 'callbackUrl', [callback]);
    const first = new jsforce.Connection({ oauth2: oauth2(true) });
    const address = first.oauth2.getAuthorizationUrl({ scope: 'api refresh_token' });
    const person = spawnSync(process.execPath, [fileURLToPath(new URL('person.mjs', import.meta.url)), address, '--only-tell'], { encoding: 'utf8' });
    if (person.status !== 0) throw new Error(person.stdout);
    await first.authorize(new URL(person.stdout).searchParams.get('code'));
    const { accessToken, refreshToken, instanceUrl } = first;
    connection = new jsforce.Connection({ oauth2: oauth2(false), accessToken, refreshToken, instanceUrl });
    return { accessToken, refreshToken, instanceUrl };
  },
  async adopt(tokens) {
    connection = new jsforce.Connection({ oauth2: oauth2(false), ...JSON.parse(tokens) });
  },
  async use() {
    await connection.query('SELECT Id, Name FROM Organization');
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...rest] = line.split(' ');
  const answer = await commands[command](rest.join(' ')).then(
    (value) => ({ code: 0, text: 'granted', value }),
    (error) => ({ code: 1, text: `${error.name}: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}` }),
  );
  console.log(JSON.stringify(answer));
}
