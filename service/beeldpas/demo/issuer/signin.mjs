// The sign-in page: GET shows the made-up people, POST signs one of them in or cancels.
import { errors } from 'oidc-provider';

import { errorPage, signInPage, STYLE_HASH } from './page.mjs';
import { rememberLevel } from './provider.mjs';

const PATH = /^\/interaction\/[\w-]{1,64}$/;
const MAX_FORM_BYTES = 4096;

/** Put the sign-in page in front of the provider's own routes. */
export function addSignIn(provider, config) {
  const policy = contentPolicy(config);
  provider.use(async (ctx, next) => {
    ctx.set('Content-Security-Policy', policy);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'no-referrer');
    if (!PATH.test(ctx.path)) return next();
    ctx.set('Cache-Control', 'no-store');
    try {
      await (ctx.method === 'POST' ? answer(provider, config, ctx) : show(provider, config, ctx));
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      ctx.status = 400;
      ctx.type = 'html';
      ctx.body = errorPage(config, language(ctx));
    }
    return undefined;
  });
}

// The form's answer is a chain of redirects that ends at the relying party: form-action has to name it.
function contentPolicy(config) {
  const origins = config.clients.flatMap((client) => client.redirect_uris.map((uri) => new URL(uri).origin));
  return [
    "default-src 'none'",
    `style-src '${STYLE_HASH}'`,
    `form-action 'self' ${[...new Set(origins)].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

async function show(provider, config, ctx) {
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  ctx.type = 'html';
  ctx.body = signInPage(config, language(ctx, details.params.ui_locales));
}

async function answer(provider, config, ctx) {
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  const form = await readForm(ctx.req);
  const person = config.people.find((one) => one.id === form.get('person'));
  const levels = (config.levels ?? []).map((level) => level.value);
  const level = levels.includes(form.get('level')) ? form.get('level') : undefined;
  if (form.has('cancel') || !person || (levels.length > 0 && !level)) {
    return finish(provider, ctx, { error: 'login_required', error_description: 'Authentication cancelled' });
  }
  const grant = new provider.Grant({ accountId: person.id, clientId: details.params.client_id });
  grant.addOIDCScope('openid');
  const grantId = await grant.save();
  if (level) rememberLevel(grantId, level);
  return finish(provider, ctx, {
    login: { accountId: person.id, acr: level, remember: false },
    consent: { grantId },
  });
}

async function finish(provider, ctx, result) {
  const target = await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  ctx.status = 303;
  ctx.redirect(target);
}

async function readForm(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_FORM_BYTES) throw new errors.SessionNotFound('form too large');
  }
  return new URLSearchParams(text);
}

function language(ctx, uiLocales = '') {
  const wanted = uiLocales.split(' ')[0] || ctx.acceptsLanguages('nl', 'en') || 'nl';
  return wanted.startsWith('en') ? 'en' : 'nl';
}
