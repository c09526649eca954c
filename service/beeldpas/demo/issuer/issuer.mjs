// One OpenID Connect issuer of the demo, in its own process: `node issuer.mjs CONFIG.json`.
// It stands in for DigiD, for the care providers' login or for the staff login; which one it is, and who
// can sign in, stands in the configuration file (its fields are described in README.md beside this file).
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

import { makeProvider } from './provider.mjs';
import { addSignIn } from './signin.mjs';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const provider = makeProvider(config);
addSignIn(provider, config);

const server = config.tls_cert
  ? https.createServer(
    { cert: readFileSync(config.tls_cert), key: readFileSync(config.tls_key), minVersion: 'TLSv1.2' },
    provider.callback(),
  )
  : http.createServer(provider.callback());

server.listen(config.port, config.host ?? '127.0.0.1', () => {
  console.log(JSON.stringify({ event: 'issuer_ready', issuer: config.base_url }));
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.closeAllConnections();
    server.close(() => process.exit(0));
  });
}
