// jsforce, unmodified, as a client of the simulated org: each flow that the library has, then a query and the identity.
//
//   node flows.mjs READY.json CREDENTIALS.json        (what `org serve` printed; its credentials file)
//
// NODE_EXTRA_CA_CERTS names the org's CA. Hosts are asked for as `localhost`, since not every resolver knows the names under it.
// One line per check: `ok - NAME` or `not ok - NAME: WHY`; ends with 1 when one is not ok.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as after } from 'node:timers/promises';
import jsforce from 'jsforce';
import { Person } from './agent.mjs';
import { sign } from './assertion.mjs';

const [ready, credentials] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const DEADLINE = 30_000; // jsforce refreshes without limit while a token stays invalid: nothing here may take longer

const onLocalhost = (url) => `https://localhost:${new URL(url).port}`;
const login = onLocalhost(ready.base_urls.login);
const myDomain = onLocalhost(ready.base_urls.my_domain);
const app = (name) => credentials.apps.find((each) => each.name === name);
const harness = app('Harness');
const legacy = app('Legacy');
const user = credentials.users[0];

let failed = 0;
let granted; // by the web server flow, for those after it

await check('web server flow with PKCE, then a query and the identity', async () => {
  const oauth2 = new jsforce.OAuth2({ ...client(harness), redirectUri: harness.callback_urls[0], loginUrl: myDomain, useVerifier: true });
  const person = new Person({ Username: user.username, Password: user.password });
  const back = await person.travel(oauth2.getAuthorizationUrl({ scope: 'openid api refresh_token', state: 'a b&c' }), harness.callback_urls[0]);
  if (back.searchParams.get('error')) throw new Error(back.search);
  if (back.searchParams.get('state') !== 'a b&c') throw new Error('the state came back changed');
  const connection = new jsforce.Connection({ oauth2 });
  const who = await connection.authorize(back.searchParams.get('code'));
  await use(connection, who);
  granted = { accessToken: connection.accessToken, refreshToken: connection.refreshToken, instanceUrl: connection.instanceUrl };
  if (!granted.refreshToken) throw new Error('no refresh token');
});

await check('a refused login stays on the login page', async () => {
  const oauth2 = new jsforce.OAuth2({ ...client(harness), redirectUri: harness.callback_urls[0], loginUrl: myDomain, useVerifier: true });
  const person = new Person({ Username: user.username, Password: 'not the password' });
  await refused(() => person.travel(oauth2.getAuthorizationUrl({ scope: 'api' }), harness.callback_urls[0]), /stopped at/);
});

await check('refresh by the library itself, when the REST API answers 401', async () => {
  const connection = new jsforce.Connection({ oauth2: { ...client(harness), loginUrl: myDomain }, instanceUrl: granted.instanceUrl, accessToken: `${granted.accessToken.split('!')[0]}!stale`, refreshToken: granted.refreshToken });
  let times = 0;
  connection.on('refresh', (_token, answer) => {
    times += 1;
    granted.refreshToken = answer?.refresh_token ?? granted.refreshToken; // rotation, where the policy says so
  });
  await use(connection);
  if (times !== 1) throw new Error(`refreshed ${times} times`);
  granted.accessToken = connection.accessToken;
});

await check('logout by the library, after which the token is refused', async () => {
  const connection = new jsforce.Connection({ oauth2: { ...client(harness), loginUrl: myDomain }, ...granted });
  await connection.logout();
  await refused(() => new jsforce.Connection({ instanceUrl: granted.instanceUrl, accessToken: granted.accessToken }).query('SELECT Id FROM Organization'), /INVALID_SESSION_ID|Session expired or invalid/);
});

await check('JWT bearer flow', async () => {
  const connection = new jsforce.Connection({ oauth2: { loginUrl: myDomain } });
  const assertion = sign(credentials, { iss: app(credentials.jwt.app).consumer_key, sub: user.username, aud: myDomain, exp: Math.floor(Date.now() / 1000) + 180 });
  await use(connection, await connection.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }));
});

await check('client credentials flow', async () => {
  const connection = new jsforce.Connection({ oauth2: { ...client(harness), loginUrl: myDomain } });
  await use(connection, await connection.authorize({ grant_type: 'client_credentials' }));
});

await check('client credentials flow with a wrong secret is refused', async () => {
  const connection = new jsforce.Connection({ oauth2: { ...client(harness), clientSecret: 'wrong', loginUrl: myDomain } });
  await refused(() => connection.authorize({ grant_type: 'client_credentials' }), /invalid_client/);
});

await check('client credentials flow at the shared login host is refused', async () => {
  const connection = new jsforce.Connection({ oauth2: { ...client(harness), loginUrl: login } });
  await refused(() => connection.authorize({ grant_type: 'client_credentials' }), /request not supported on this domain/);
});

await check('username-password flow of the connected app', async () => {
  const connection = new jsforce.Connection({ loginUrl: login, oauth2: { ...client(legacy), loginUrl: login } });
  await use(connection, await connection.login(user.username, user.password + user.security_token));
});

await check('username-password flow with a wrong password is refused', async () => {
  const connection = new jsforce.Connection({ loginUrl: login, oauth2: { ...client(legacy), loginUrl: login } });
  await refused(() => connection.login(user.username, 'not the password'), /invalid_grant/);
});

await check('SOAP login and logout, without OAuth', async () => {
  const connection = new jsforce.Connection({ loginUrl: login });
  await use(connection, await connection.login(user.username, user.password + user.security_token));
  const { instanceUrl, accessToken } = connection;
  await connection.logout();
  await refused(() => new jsforce.Connection({ instanceUrl, accessToken }).query('SELECT Id FROM Organization'), /INVALID_SESSION_ID|Session expired or invalid/);
});

process.exit(failed ? 1 : 0);

async function check(name, run) {
  const late = new AbortController();
  try {
    await Promise.race([run(), after(DEADLINE, undefined, { signal: late.signal }).then(() => { throw new Error(`nothing within ${DEADLINE} ms`); })]);
    console.log(`ok - jsforce: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - jsforce: ${name}: ${error.name}: ${error.message.replace(/\s+/g, ' ')}${error.cause ? ` (${error.cause.message})` : ''}`);
  } finally {
    late.abort();
  }
}

async function use(connection, who) {
  const { done, records } = await connection.query('SELECT Id, Name FROM Organization');
  if (done !== true || records.length !== 1 || !/^00D/.test(records[0].Id)) throw new Error(`the query gave ${JSON.stringify(records)}`);
  const identity = await connection.identity();
  if (identity.username !== user.username && who === undefined) throw new Error(`the identity is ${identity.username}`);
  if (who && identity.user_id !== who.id) throw new Error(`logged in as ${who.id}, identified as ${identity.user_id}`);
  if (identity.organization_id !== records[0].Id) throw new Error(`the identity's organization is ${identity.organization_id}, the query's ${records[0].Id}`);
}

async function refused(run, words) {
  const error = await run().then(() => undefined, (each) => each);
  if (!error) throw new Error('it was not refused');
  if (!words.test(`${error.name} ${error.errorCode ?? ''} ${error.message}`)) throw new Error(`it failed in another way: ${error.name}: ${error.message}`);
}

function client({ consumer_key: clientId, consumer_secret: clientSecret }) {
  return { clientId, clientSecret };
}
