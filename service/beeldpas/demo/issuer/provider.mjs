// What the issuer promises: authorization code with PKCE S256 only, pushed requests, private_key_jwt (PS256), the
// `iss` response parameter, an ID token with `acr`, and `auth_time` when it is asked for, but without personal data,
// and the rest at userinfo. It says of itself that it is a stand-in. Source: OpenID Connect Core 1.0; NL GOV Assurance
// profile for OpenID Connect 1.0.1; RFC 9126; RFC 9207; RP-Initiated Logout 1.0.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Provider } from 'oidc-provider';

import { declared } from './declaration.mjs';

const SIGNING = ['PS256', 'RS256'];

/** Build the provider; `config` is the parsed configuration file. */
export function makeProvider(config) {
  const jwks = config.jwks ?? JSON.parse(readFileSync(config.jwks_file, 'utf8'));
  const people = new Map(config.people.map((person) => [person.id, person]));
  const provider = new Provider(config.base_url, {
    clients: config.clients.map((client) => withDefaults(client, config)),
    jwks,
    scopes: ['openid'],
    claims: { openid: ['sub', 'acr', 'auth_time', ...(config.claims ?? [])] },
    acrValues: (config.levels ?? []).map((level) => level.value),
    subjectTypes: [config.subject_type ?? 'public'],
    pairwiseIdentifier: (_ctx, account, client) => pairwise(jwks, account, client.sectorIdentifier),
    findAccount: (_ctx, id, token) => findAccount(people.get(id), id, token, config.declaration),
    discovery: { beeldpas_stand_in: true },
    clientAuthMethods: ['private_key_jwt'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    enabledJWA: {
      clientAuthSigningAlgValues: SIGNING,
      idTokenSigningAlgValues: SIGNING,
      userinfoSigningAlgValues: SIGNING,
      userinfoEncryptionAlgValues: ['RSA-OAEP'],
      userinfoEncryptionEncValues: ['A256GCM', 'A128CBC-HS256'],
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: config.sign_out === true },
      pushedAuthorizationRequests: {
        enabled: config.pushed_requests !== 'none',
        requirePushedAuthorizationRequests: config.pushed_requests === 'required',
      },
      encryption: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    cookies: { keys: [createHmac('sha256', keyMaterial(jwks)).update('cookies').digest('base64url')] },
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AuthorizationCode: 60, AccessToken: 300, IdToken: 300, Interaction: 900, Session: 900, Grant: 900 },
  });
  forgetSessions(provider);
  leaveAtOnce(provider);
  reportFailures(provider);
  return provider;
}

function withDefaults(client, config) {
  return {
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'PS256',
    id_token_signed_response_alg: 'PS256',
    subject_type: config.subject_type ?? 'public',
    ...client,
  };
}

// The level of a sign-in belongs to the sign-in and not to the person; the grant made at sign-in carries it.
const levels = new Map();

/** Remember the level at which the person of this grant signed in. */
export function rememberLevel(grantId, level) {
  levels.set(grantId, level);
}

function findAccount(person, id, token, declaration) {
  if (!person) return undefined;
  return {
    accountId: id,
    async claims(use) {
      if (use === 'id_token') return { sub: id };
      const level = levels.get(token?.grantId);
      const said = declaration ? declared(person, declaration) : person.claims;
      return { ...said, sub: id, ...(level ? { loa_authn: level } : {}) };
    },
  };
}

function keyMaterial(jwks) {
  return jwks.keys[0].d;
}

function pairwise(jwks, account, sector) {
  return createHmac('sha256', keyMaterial(jwks)).update(`${sector} ${account}`).digest('base64url');
}

// Nobody stays signed in here: whoever comes back chooses a person again, as DigiD asks again each time.
function forgetSessions(provider) {
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route !== 'resume' || !ctx.oidc.session?.accountId) return;
    await ctx.oidc.session.destroy();
    ctx.cookies.set(provider.cookieName('session'), null);
  });
}

// So nobody has to be asked whether to sign out: what the library checked and would ask goes on to the relying party.
function leaveAtOnce(provider) {
  provider.use(async (ctx, next) => {
    await next();
    const target = ctx.oidc?.params?.post_logout_redirect_uri;
    if (ctx.oidc?.route !== 'end_session' || ctx.status !== 200 || ctx.oidc.session.accountId || !target) return;
    const address = new URL(target);
    if (ctx.oidc.params.state) address.searchParams.set('state', ctx.oidc.params.state);
    ctx.body = null;
    ctx.status = 303;
    ctx.redirect(address.href);
  });
}

function reportFailures(provider) {
  provider.on('server_error', (_ctx, error) => {
    console.error(JSON.stringify({ event: 'issuer_failed', error: error.name, message: error.message }));
  });
  for (const name of ['authorization.error', 'grant.error', 'userinfo.error', 'pushed_authorization_request.error']) {
    provider.on(name, (_ctx, error) => {
      console.error(JSON.stringify({ event: name, error: error.error ?? error.name }));
    });
  }
}
