// `sf org login web` through a real Chromium, which trusts the org's CA by its NSS database and reaches the org through the proxy.
//
//   node chromium.mjs READY.json CREDENTIALS.json        BROWSER: what opens an address in that Chromium; PAGE: where it notes its last page

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { change } from '../jsforce/door.mjs';
import { Home } from './cli.mjs';

const [ready, credentials] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const [user] = credentials.users;
const home = new Home(user);
try {
  const callback = await home.callback();
  await change(ready, credentials, 'SalesforceCLI', 'callbackUrl', [callback]);
  const { username } = await home.result(['org', 'login', 'web', '-r', 'https://acme.my.salesforce.com', '-a', 'org'], { seconds: 90 });
  if (username !== user.username) throw new Error(`logged in as ${username}`);
  console.log('ok - salesforce cli: org login web, through a real Chromium');
} catch (error) {
  let page = 'no page';
  try {
    page = readFileSync(process.env.PAGE, 'utf8');
  } catch { /* it never came so far */ }
  console.log(`not ok - salesforce cli: org login web, through a real Chromium: ${error.message.replace(/\s+/g, ' ')} ${page.replace(/\s+/g, ' ')}`);
  process.exitCode = 1;
} finally {
  home.remove();
}
