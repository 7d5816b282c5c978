// An assertion for the JWT bearer flow, which jsforce leaves to its user.

import { createSign } from 'node:crypto';

export function sign(credentials, claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${signed}.${createSign('sha256').update(signed).sign(credentials.jwt.private_key_pem, 'base64url')}`;
}
