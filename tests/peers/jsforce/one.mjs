// One flow by jsforce, unmodified, as a program of its own would run it: what goes wrong is not caught.
//
//   node one.mjs FLOW READY.json CREDENTIALS.json        FLOW: jwt, cc, web, refresh, reuse

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import jsforce from 'jsforce';
import { change, later } from './door.mjs';
import { sign } from './assertion.mjs';

const [flow, ...files] = process.argv.slice(2);
const [ready, credentials] = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
const loginUrl = 'https://acme.my.salesforce.com'; // led to the org by its proxy
const [app] = credentials.apps;
const [user] = credentials.users;
const callback = process.env.CALLBACK ?? 'https://localhost:8443/callback';
// With `useVerifier` jsforce sends the verifier with each refresh too, and that is refused: only the login has it.
const oauth2 = (useVerifier = false) => new jsforce.OAuth2({ clientId: app.consumer_key, clientSecret: app.consumer_secret, redirectUri: callback, loginUrl, useVerifier });
const query = (connection) => connection.query('SELECT Id, Name FROM Organization');

const flows = {
  async jwt() {
    const connection = new jsforce.Connection({ oauth2: oauth2() });
    const assertion = sign(credentials, { iss: app.consumer_key, sub: user.username, aud: 'https://login.salesforce.com', exp: Math.floor(Date.now() / 1000) + 180 });
    await connection.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    await query(connection);
  },
  async cc() {
    const connection = new jsforce.Connection({ oauth2: oauth2() });
    await connection.authorize({ grant_type: 'client_credentials' });
    await query(connection);
  },
  async web() {
    await query(await login());
  },
  async refresh() {
    const connection = await login();
    await later(ready, credentials);
    await query(connection);
  },
  async reuse() {
    const [one, other] = [await login(), new jsforce.Connection({ oauth2: oauth2() })];
    await other.oauth2.refreshToken(one.refreshToken);
    await later(ready, credentials);
    await query(one);
  },
};

// The program shows the address where the browser came back with an error, since jsforce has no callback server.
async function login() {
  if (process.env.REGISTER !== 'no') await change(ready, credentials, app.name, 'callbackUrl', [callback]);
  const connection = new jsforce.Connection({ oauth2: oauth2(true) });
  // In a process of its own: jsforce changes the `fetch` of the process it is in.
  const address = connection.oauth2.getAuthorizationUrl({ scope: 'api refresh_token' });
  const person = spawnSync(process.execPath, [fileURLToPath(new URL('person.mjs', import.meta.url)), address, '--only-tell'], { encoding: 'utf8' });
  if (person.status !== 0) {
    console.error(`the browser ${person.stdout.replace(/^Error: /, '')}`);
    process.exit(1);
  }
  const back = new URL(person.stdout);
  if (back.searchParams.has('error')) {
    console.error(`the browser came back to ${back}`);
    process.exit(1);
  }
  await connection.authorize(back.searchParams.get('code'));
  const { accessToken, refreshToken, instanceUrl } = connection;
  return new jsforce.Connection({ oauth2: oauth2(), accessToken, refreshToken, instanceUrl });
}

await flows[flow]();
console.log('granted');
