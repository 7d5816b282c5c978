// Each real client against an org with each fault: what it prints, and what `grantproof diagnose` makes of that text alone.
//
//   node failures.mjs BINARY TABLE.md [FAULT…]        writes the table; one line per check; ends with 1 when one is not ok

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { CLIENTS } from './clients.mjs';
import { diagnose } from './diagnose.mjs';
import { FAULTS } from './faults.mjs';
import { Org } from './org.mjs';
import { sideBySide } from './side.mjs';
import { versions } from './versions.mjs';
import { kept } from './words.mjs';

const [binary, table, ...only] = process.argv.slice(2);
const FLOWS = {
  jwt: 'JWT bearer flow',
  web: 'web server flow',
  refresh: 'refresh token flow',
  reuse: 'refresh token flow',
  cc: 'client credentials flow',
};

const cases = Object.entries(FAULTS)
  .filter(([fault]) => only.length === 0 || only.includes(fault))
  .flatMap(([fault, { flows }]) => Object.entries(CLIENTS).flatMap(([client, has]) => flows.filter((flow) => has.flows[flow]).map((flow) => ({ fault, client, flow }))));
// The slow ones first, so that none of them is alone at the end.
const slowness = ({ client, flow }) => (client === 'salesforce-cli' ? 3 : client === 'cumulusci' ? 1 : 0) + (flow === 'reuse' || flow === 'refresh' ? 5 : 0);
async function attempt(one) {
  const { fault, client, flow } = one;
  const { setup, registered = true } = FAULTS[fault];
  const org = await Org.start(binary, setup);
  try {
    const { code, text } = await CLIENTS[client].flows[flow](org, registered);
    if (code === 0) throw new Error(`it did not fail: ${text}`);
    one.words = kept(text, org);
    one.found = await diagnose(binary, one.words, fault);
  } finally {
    one.end = await org.end();
  }
  if (one.end) throw new Error(`the org: ${one.end}`);
  if (one.found.place === 'no') throw new Error(`diagnosed as ${one.found.first}: ${one.words}`);
  return `${one.client}: ${fault}, ${FLOWS[flow]}`;
}

const PLACES = { first: 'named first', tie: 'in the tie', alike: 'one of several', no: '**missed**' };
const verdict = ({ found }) => PLACES[found?.place ?? 'no'];

function told({ found, fault }) {
  const code = (cause) => `\`${cause}\``;
  switch (found?.place) {
    case 'first':
      return found.others.length === 0 ? code(fault) : `${code(fault)}, in a tie with ${found.others.map(code).sort().join(', ')}`;
    case 'tie':
      return `${code(fault)} in a tie with ${[found.first, ...found.others].filter((one) => one !== fault).map(code).sort().join(', ')}`;
    case 'alike':
      return `${code(fault)} is one of several causes that these words fit, and the text holds nothing else; ${code(found.first)} is named first, as the most common`;
    default:
      return 'missed';
  }
}

function markdown() {
  const clients = Object.entries(CLIENTS);
  const cell = (fault, client) => {
    const own = cases.filter((one) => one.fault === fault && one.client === client);
    return own.length === 0 ? 'n/a' : own.map((one) => `${FLOWS[one.flow]}: ${verdict(one)}`).join('<br>');
  };
  const faults = [...new Set(cases.map(({ fault }) => fault))];
  const rows = faults.map((fault) => `| [\`${fault}\`](#${fault}) | ${clients.map(([client]) => cell(fault, client)).join(' | ')} |`);
  const sections = faults.map((fault) => {
    const own = cases.filter((one) => one.fault === fault);
    const parts = own.map((one) => `### ${CLIENTS[one.client].title}, ${FLOWS[one.flow]}\n\n\`\`\`text\n${one.words ?? ''}\n\`\`\`\n\nDiagnosis: ${told(one)}.`);
    return `## ${fault}\n\n${parts.join('\n\n')}`;
  });
  return `# What real clients print when a policy refuses them

Each client, unmodified, ran against the simulated org (\`grantproof org serve\`) with one thing wrong. What it printed is below, without times, ids
and places in files; where a browser takes part, the words of its page or its address belong to it. \`grantproof diagnose\` was given that
text and nothing else. Written by \`tests/peers/run … failures\`; the org is simulated, so the words of the *server* are those of the catalogue.

${versions().map((line) => `- ${line}`).join('\n')}

"n/a": the client does not have the flow. (The Salesforce CLI and CumulusCI have no client credentials flow, simple-salesforce has neither a web
server nor a refresh token flow.) "In the tie": with causes that answer every flow alike, so that no text can tell them apart. "One of several":
the same words stand for other causes too, and the text does not even say which flow ran.

| fault | ${clients.map(([, { title }]) => title).join(' | ')} |
|---|${clients.map(() => '---').join('|')}|
${rows.join('\n')}

${sections.join('\n\n')}
`;
}

const failed = await sideBySide([...cases].sort((a, b) => slowness(b) - slowness(a)), attempt);
writeFileSync(table, markdown());
process.exit(failed ? 1 : 0);
