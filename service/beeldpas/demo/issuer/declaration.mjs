// A declaration as Dezi gives it: a JWT of its own, signed with another key than the issuer's, about one care provider
// in one organisation and role. Source: Dezi vendor specification 0.7 (netherlands.md §4.4).
import { createPrivateKey, randomUUID, sign } from 'node:crypto';

const SECONDS = 3600;

/** Return the claims at userinfo that carry a declaration about this person. */
export function declared(person, { issuer, jku, key }) {
  const number = randomUUID();
  const now = Math.floor(Date.now() / 1000);
  const verklaring = signed(
    { alg: 'RS256', typ: 'JWT', kid: key.kid, jku },
    { jti: randomUUID(), iss: issuer, nbf: now, exp: now + SECONDS, verklaring_id: number, ...person.claims },
    key,
  );
  return { verklaring, verklaring_id: number };
}

function signed(header, claims, key) {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const seal = sign('sha256', Buffer.from(text), createPrivateKey({ key, format: 'jwk' }));
  return `${text}.${seal.toString('base64url')}`;
}
