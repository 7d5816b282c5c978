// oidc-provider, unmodified, as an independent authorization server for grantproof's drivers.
//
// From the environment: TLS_CERT and TLS_KEY (files), OP_WEB_SECRET, OP_ALICE_PASSWORD. Serves on loopback, on a free port.
// With OP_PAGES=own it has the library's own pages, which it has for development; else pages whose forms have labels.
// Prints one line of JSON when it is ready: {"issuer": "https://localhost:PORT"}. Ends with 0 on SIGTERM.
//
// Clients: `web` (confidential, HTTP Basic), `web-post` (confidential, secret in the body), `native` (public, plain http on loopback),
// `service` (client credentials alone), `brief` (as `web`, and all that it is given lives for two seconds).

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import process from 'node:process';
import Provider from 'oidc-provider';

const need = (name) => process.env[name] || (console.error(`${name} is not set`), process.exit(2));
const tls = { cert: readFileSync(need('TLS_CERT')), key: readFileSync(need('TLS_KEY')) };
const secret = need('OP_WEB_SECRET');
const ownPages = process.env.OP_PAGES === 'own';
const people = new Map([['alice', need('OP_ALICE_PASSWORD')]]);

const { issuer, servers } = await listen();
const provider = new Provider(issuer, {
  clients: [
    confidential('web', 'client_secret_basic'),
    confidential('web-post', 'client_secret_post'),
    confidential('brief', 'client_secret_basic'),
    {
      client_id: 'service',
      client_secret: secret,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: ['https://localhost/callback'],
      scope: 'api',
    },
    {
      client_id: 'native',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'], // RFC 8252 section 7.3: at any port
    },
  ],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig' }] },
  findAccount: (_ctx, id) => (people.has(id) ? { accountId: id, claims: () => ({ sub: id, email: `${id}@example.test` }) } : undefined),
  claims: { openid: ['sub'], email: ['email'] },
  scopes: ['openid', 'email', 'api', 'audit'],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  // A refresh token for every client that may refresh; by default only for `offline_access` together with `prompt=consent`.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  clockTolerance: 0, // by default an access token lives 15 seconds longer than its expires_in
  ttl: {
    AccessToken: brief(2, 300),
    AuthorizationCode: brief(2, 60),
    ClientCredentials: 300,
    DeviceCode: brief(2, 120),
    Grant: 3600,
    IdToken: 300,
    Interaction: 300,
    RefreshToken: brief(2, 3600),
    Session: 3600,
  },
  ...(ownPages ? {} : { interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` } }),
  features: {
    devInteractions: { enabled: ownPages },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: { enabled: false },
    deviceFlow: ownPages ? { enabled: true } : {
      enabled: true,
      // The library's form, with a label and with its button inside.
      userCodeInputSource: (ctx, form, _out, error) => {
        ctx.body = page('Connect a Device', (error ? '<p role="alert">This code does not work</p>' : '') + form
          .replace('type="text"', 'id="user_code" type="text"')
          .replace('<input\n', '<label for="user_code">Code</label> <input\n')
          .replace('</form>', '<button type="submit">Connect</button></form>'));
      },
      userCodeConfirmSource: (ctx, form, client, _device, code) => {
        ctx.body = page('Confirm the Device', `<p>${escape(client.clientId)} shows ${escape(code)}</p>` + form
          .replace('</form>', '<button type="submit">Continue</button> <button type="submit" name="abort" value="yes">Deny</button></form>'));
      },
      successSource: (ctx) => {
        ctx.body = page('Connected', '<p>You can close this page.</p>');
      },
    },
  },
});

// RFC 8252 section 7.3 lets a native client choose its port. The confidential client of this peer has an https callback on loopback,
// which the library matches exactly; its documented hook is extended so that any port will do.
const { redirectUriAllowed } = provider.Client.prototype;
provider.Client.prototype.redirectUriAllowed = function anyPort(value) {
  return redirectUriAllowed.call(this, value.replace(/^(https:\/\/localhost):\d+\//, '$1/'));
};

const answer = provider.callback();
for (const server of servers) {
  server.on('request', (req, res) => {
    if (ownPages || !req.url.startsWith('/interaction/')) return answer(req, res);
    return interaction(req, res).catch((error) => {
      console.error(error);
      if (!res.headersSent) show(res, 500, page('Error', '<p>This page has expired</p>'));
    });
  });
}
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
console.log(JSON.stringify({ issuer }));

// A lifetime in seconds, by client.
function brief(short, usual) {
  return (_ctx, _token, client) => (client.clientId === 'brief' ? short : usual);
}

function confidential(clientId, authMethod) {
  return {
    client_id: clientId,
    client_secret: secret,
    token_endpoint_auth_method: authMethod,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'],
    response_types: ['code'],
    redirect_uris: ['https://localhost/callback'],
  };
}

// The login page, then the consent page. GET shows, POST decides.
async function interaction(req, res) {
  const { uid, prompt, params, session, grantId } = await provider.interactionDetails(req, res);
  if (req.method !== 'POST') return show(res, 200, prompt.name === 'login' ? login(uid) : consent(uid, params));

  const form = new URLSearchParams(await body(req));
  const finish = (result, options) => provider.interactionFinished(req, res, result, options);
  if (form.get('choice') === 'deny') return finish({ error: 'access_denied', error_description: 'the person denied access' });
  if (prompt.name === 'login') {
    const username = form.get('username');
    if (!people.has(username) || people.get(username) !== form.get('password')) return show(res, 200, login(uid, true));
    return finish({ login: { accountId: username } });
  }
  const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  return finish({ consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

function login(uid, failed = false) {
  return page('Log In', `${failed ? '<p role="alert">Wrong username or password</p>' : ''}
<form method="post" action="/interaction/${uid}">
  <p><label for="username">Username</label> <input id="username" name="username" type="text" autocomplete="username" required></p>
  <p><label for="password">Password</label> <input id="password" name="password" type="password" autocomplete="current-password" required></p>
  <p><button type="submit">Log In</button></p>
</form>`);
}

function consent(uid, params) {
  return page('Allow Access?', `<p>${escape(params.client_id)} asks for: ${escape(params.scope ?? 'nothing')}</p>
<form method="post" action="/interaction/${uid}">
  <button type="submit" name="choice" value="allow">Allow</button>
  <button type="submit" name="choice" value="deny">Deny</button>
</form>`);
}

function page(title, inner) {
  return `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><main><h1>${title}</h1>\n${inner}\n</main></body></html>\n`;
}

function show(res, status, html) {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
}

async function body(req) {
  let text = '';
  for await (const chunk of req) {
    text += chunk;
    if (text.length > 10_000) throw new Error('form too large');
  }
  return text;
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

// The same free port on 127.0.0.1 and, where the machine has it, on ::1.
async function listen() {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const four = createServer(tls).listen(0, '127.0.0.1');
    await once(four, 'listening');
    const { port } = four.address();
    const six = createServer(tls).listen(port, '::1');
    const fault = await once(six, 'listening').then(() => undefined, (error) => error.code);
    if (!fault) return { issuer: `https://localhost:${port}`, servers: [four, six] };
    if (fault !== 'EADDRINUSE') return { issuer: `https://localhost:${port}`, servers: [four] };
    four.close();
  }
  console.error('no port is free on both loopback addresses');
  return process.exit(3);
}
