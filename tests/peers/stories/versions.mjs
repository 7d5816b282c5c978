// The versions of the clients, as installed.

import { readFileSync } from 'node:fs';

const npm = (folder, name) => `${name} ${JSON.parse(readFileSync(new URL(`../${folder}/node_modules/${name}/package.json`, import.meta.url), 'utf8')).version}`;
const pip = (folder, name) => `${name} ${new RegExp(`^${name}==(.+)$`, 'm').exec(readFileSync(new URL(`../${folder}/requirements.txt`, import.meta.url), 'utf8'))[1]}`;

export const versions = () => [npm('salesforce_cli', '@salesforce/cli'), npm('jsforce', 'jsforce'), pip('simple_salesforce', 'simple-salesforce'), pip('cumulusci', 'cumulusci')];
