// Two independent libraries judge the simulated org: openid-client (discovery, code flow with PKCE, refresh, introspection, revocation) and
// jose (keys and signatures).
//
//   node verify.mjs READY CREDENTIALS        (files of `org serve`)
//
// One line per check: `ok - NAME` or `not ok - NAME: WHY`.

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import * as jose from 'jose';
import * as oidc from 'openid-client';
import { Person } from '../jsforce/agent.mjs';

const [ready, credentials] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file)));
const app = credentials.apps.find(({ name }) => name === 'Harness');
const user = credentials.users[0];
const callback = app.callback_urls.find((url) => url.startsWith('https:'));
// Names under .localhost are not resolved by every system; the org answers under its ports as well.
const at = (kind) => new URL(`https://localhost:${new URL(ready.base_urls[kind]).port}`);
const issuer = at('my_domain').origin;

let failed = 0;
async function check(name, judge) {
  try {
    const said = await judge();
    console.log(`ok - judges: ${name}`);
    return said;
  } catch (error) {
    failed += 1;
    const cause = error.cause ? ` (${error.cause.message ?? JSON.stringify(error.cause)})` : '';
    console.log(`not ok - judges: ${name}: ${error.message}${cause}`.replaceAll('\n', ' '));
    return undefined;
  }
}
function same(found, wanted, what) {
  if (found !== wanted) throw new Error(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}
async function refused(promise, code) {
  const error = await promise.then(() => undefined, (thrown) => thrown);
  if (!error) throw new Error('it was accepted');
  if (code && error.code !== code && error.error !== code) throw new Error(`it was refused as ${error.code ?? error.error}: ${error.message}`);
}

const discover = (kind, method = oidc.ClientSecretPost(app.consumer_secret)) =>
  oidc.discovery(at(kind), app.consumer_key, undefined, method, { execute: [oidc.enableNonRepudiationChecks] });

// A sign-in by openid-client, with a scripted person at the pages.
async function signIn(config, { verifier = oidc.randomPKCECodeVerifier(), expect = {} } = {}) {
  const asked = { state: oidc.randomState(), nonce: oidc.randomNonce() };
  const url = oidc.buildAuthorizationUrl(config, {
    ...asked,
    redirect_uri: callback,
    scope: 'openid api refresh_token',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const person = new Person({ Username: user.username, Password: user.password });
  const seen = await person.travel(url, callback);
  return { seen, checks: { pkceCodeVerifier: verifier, expectedState: asked.state, expectedNonce: asked.nonce, idTokenExpected: true, ...expect } };
}

const config = await check('openid-client accepts the discovery document of the My Domain host', () => discover('my_domain'));
await check('openid-client accepts the discovery document of the login host', () => discover('login'));
if (!config) process.exit(1);

const tokens = await check('openid-client completes the code flow with PKCE, and accepts the ID token with its signature', async () => {
  const { seen, checks } = await signIn(config);
  return oidc.authorizationCodeGrant(config, seen, checks);
});
if (!tokens) process.exit(1);
await check('openid-client completes the same with HTTP Basic', async () => {
  const basic = await discover('my_domain', oidc.ClientSecretBasic(app.consumer_secret));
  const { seen, checks } = await signIn(basic);
  await oidc.authorizationCodeGrant(basic, seen, checks);
});
await check('openid-client is refused with another PKCE verifier', async () => {
  const { seen, checks } = await signIn(config, { expect: { pkceCodeVerifier: oidc.randomPKCECodeVerifier() } });
  await refused(oidc.authorizationCodeGrant(config, seen, checks), 'invalid_grant');
});
await check('openid-client refuses an ID token for another nonce', async () => {
  const { seen, checks } = await signIn(config, { expect: { expectedNonce: oidc.randomNonce() } });
  await refused(oidc.authorizationCodeGrant(config, seen, checks), 'OAUTH_JWT_CLAIM_COMPARISON_FAILED');
});
await check('openid-client accepts userinfo for the subject of the ID token', () =>
  oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));

// --- jose -----------------------------------------------------------------------------------------------------------------------------------

const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
const verify = (token, more = {}) => jose.jwtVerify(token, keys, { issuer, audience: app.consumer_key, algorithms: ['RS256'], ...more });
await check('jose verifies the ID token by the JWKS: signature, issuer, audience, time', async () => {
  const { payload, protectedHeader } = await verify(tokens.id_token, { requiredClaims: ['sub', 'iat', 'exp', 'nonce'], maxTokenAge: '10 minutes' });
  if (!protectedHeader.kid) throw new Error('its header names no key');
  const half = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16).toString('base64url');
  same(payload.at_hash, half, 'at_hash');
  same(payload.sub, tokens.id, 'sub');
});
await check('jose refuses the ID token with one claim changed', async () => {
  const [header, payload, signature] = tokens.id_token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: `${claims.sub}X` })).toString('base64url');
  await refused(verify([header, changed, signature].join('.')), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
});
await check('jose refuses it for another audience', () => refused(verify(tokens.id_token, { audience: 'another' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'));
await check('jose takes every key of the JWKS', async () => {
  const { keys: all } = await (await fetch(config.serverMetadata().jwks_uri)).json();
  if (all.length === 0) throw new Error('there is none');
  for (const key of all) {
    const imported = await jose.importJWK(key, 'RS256');
    same(imported.type, 'public', 'the type of a key');
    if (['d', 'p', 'q', 'dp', 'dq', 'qi'].some((part) => part in key)) throw new Error('a key has its private half');
    if (imported.algorithm.modulusLength < 2048) throw new Error('a key is shorter than 2048 bits');
  }
  same(new Set(all.map(({ kid }) => kid)).size, all.length, 'the number of names of keys');
});
await check('an assertion signed by jose is granted a token (RFC 7523)', async () => {
  const key = await jose.importPKCS8(credentials.jwt.private_key_pem, 'RS256');
  const assertion = await new jose.SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(app.consumer_key)
    .setSubject(user.username)
    .setAudience(issuer)
    .setExpirationTime('2 minutes')
    .setJti(randomUUID())
    .sign(key);
  await oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion });
});

// --- the life of a token ------------------------------------------------------------------------------------------------------------------------

await check('openid-client reads the introspection of the access token', async () => {
  const told = await oidc.tokenIntrospection(config, tokens.access_token, { token_type_hint: 'access_token' });
  same(told.active, true, 'active');
  same(told.client_id, app.consumer_key, 'client_id');
  same(told.username, user.username, 'username');
  for (const scope of ['api', 'openid']) if (!told.scope.split(' ').includes(scope)) throw new Error(`the scope ${scope} is missing in ${told.scope}`);
  const now = Date.now() / 1000;
  if (!(told.iat <= now + 5 && told.exp > now)) throw new Error(`iat ${told.iat} and exp ${told.exp} do not lie around ${now}`);
});
await check('openid-client refreshes, and accepts the answer', async () => {
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  if (!again.access_token || again.access_token === tokens.access_token) throw new Error('the access token is no new one');
});
await check('openid-client revokes the refresh token, and introspection says so', async () => {
  await oidc.tokenRevocation(config, tokens.refresh_token);
  const told = await oidc.tokenIntrospection(config, tokens.refresh_token, { token_type_hint: 'refresh_token' });
  same(told.active, false, 'active');
  same(Object.keys(told).join(), 'active', 'what else is told of it');
  await refused(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant');
});
await check('openid-client is told why a client with a wrong secret is refused', async () => {
  const wrong = await discover('my_domain', oidc.ClientSecretPost(`${app.consumer_secret}X`));
  await refused(oidc.tokenIntrospection(wrong, tokens.access_token), 'invalid_client');
});

process.exitCode = failed ? 1 : 0;
