// The rotation lab: what each client that refreshes makes of refresh token rotation.
//
//   node rotation.mjs BINARY TABLE.md [STORY…]        writes the table; one line per check; ends with 1 when one is not ok

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { LABS } from './labs.mjs';
import { Org } from './org.mjs';
import { sideBySide } from './side.mjs';
import { versions } from './versions.mjs';
import { kept } from './words.mjs';

const [binary, table, ...only] = process.argv.slice(2);
/** Milliseconds that a refresh is under way where two are to meet: processes do not start in step. */
const MEETING = 5000;
const FAIR = 30;

/**
 * Each with the first worker logged in and its access token about to end. They note what each worker was told, and end with a use by each
 * worker after the access tokens ended once more: who is refused then has lost its grant.
 */
const STORIES = {
  at_once_one_store: {
    title: 'Two workers with one store refresh at once',
    scenario: 'rotation_two_workers.yaml',
    needs: 'store',
    run: async (lab) => atOnce(lab, lab.first),
  },
  at_once: {
    title: 'Two workers, each with a copy of the token, refresh at once',
    scenario: 'rotation_two_workers.yaml',
    run: async (lab) => atOnce(lab, lab.another()),
  },
  lost_response: {
    title: 'The answer to a refresh gets lost',
    scenario: 'rotation_lost_response.yaml',
    run: async (lab) => {
      await lab.org.door('fault', { at: 'token', kind: 'lost_response' });
      await lab.use(lab.first, 'the answer is lost');
      await lab.use(lab.first, 'it tries again');
    },
  },
  old_token: {
    title: 'A worker sends a token that another one has replaced',
    scenario: 'refresh_rotation_reuse.yaml',
    run: async (lab) => {
      const other = lab.another();
      await lab.use(other, 'the other one refreshes first');
      await lab.use(lab.first, 'this one has the replaced token');
    },
  },
  forgotten: {
    title: 'One worker refreshes again and again, and has to remember each new token',
    scenario: 'rotation_forgotten_token.yaml',
    run: async (lab) => {
      await lab.use(lab.first, 'the first refresh');
      await lab.org.later();
      await lab.use(lab.first, 'the second refresh');
    },
  },
};

async function atOnce(lab, other) {
  await lab.org.door('hold', { refreshes: MEETING });
  const [passed] = await Promise.all([lab.use(lab.first, 'at once'), lab.use(other, 'at once')]);
  await lab.org.door('hold', { refreshes: FAIR });
  // Who was refused tries again first: which of the two that is is chance.
  if (passed && lab.workers.length > 1) lab.workers.reverse();
}

class Lab {
  constructor(org, first) {
    Object.assign(this, { org, first, workers: [first], told: [] });
  }

  another() {
    this.workers.push(this.first.copy());
    return this.workers.at(-1);
  }

  async use(worker, when) {
    const { code, text } = await worker.use();
    this.told.push({ when, words: code === 0 ? 'granted' : kept(text, this.org) });
    return code === 0;
  }
}

async function attempt(one) {
  const org = await Org.start(binary, { app: { isRefreshTokenRotationEnabled: true } });
  const lab = new Lab(org, LABS[one.client].open(org));
  try {
    const { code, text } = await lab.first.login();
    if (code !== 0) throw new Error(`the login ended with ${code}: ${text}`);
    await org.later();
    await STORIES[one.story].run(lab);
    await org.later();
    const alive = [];
    for (const worker of lab.workers) alive.push(await lab.use(worker, 'in the end'));
    one.alive = alive;
    one.told = lab.told;
    const { verdicts } = await org.door('ledger');
    one.reused = verdicts.some(({ cause }) => cause === 'refresh_rotation_reuse');
  } finally {
    for (const worker of lab.workers) worker.remove();
    one.end = await org.end();
  }
  if (one.end) throw new Error(`the org: ${one.end}`);
  // A grant is lost by reuse alone, and reuse loses it for all.
  if (one.reused === one.alive.every(Boolean)) throw new Error(`reuse ${one.reused}, alive ${one.alive}`);
  return `${one.client}: ${one.story}`;
}

const verdict = ({ alive }) => (alive === undefined ? '**failed**' : alive.every(Boolean) ? 'keeps its grant' : alive.some(Boolean) ? 'one worker loses its grant' : 'loses its grant');

function markdown(cases) {
  const labs = Object.entries(LABS);
  const stories = Object.entries(STORIES).filter(([story]) => cases.some((one) => one.story === story));
  const cell = (story, client) => {
    const one = cases.find((each) => each.story === story && each.client === client);
    return one ? verdict(one) : 'n/a';
  };
  const rows = stories.map(([story, { title }]) => `| [${title}](#${story}) | ${labs.map(([client]) => cell(story, client)).join(' | ')} |`);
  const sections = stories.map(([story, { title, scenario }]) => {
    const parts = cases
      .filter((one) => one.story === story)
      .map((one) => `### ${LABS[one.client].title}: ${verdict(one)}\n\n${steps(one.told ?? []).map(({ when, words }) => `- ${when}:\n\n  \`\`\`text\n${words.replace(/^/gm, '  ')}\n  \`\`\``).join('\n')}`);
    return `## ${story}\n\n${title}. The same without a client: \`${scenario}\` of \`scenarios/\`.\n\n${parts.join('\n\n')}`;
  });
  return `# What real clients make of refresh token rotation

With "Enable Refresh Token Rotation" each refresh replaces the refresh token, and a replaced one that comes back ends the whole grant. Each client,
unmodified, ran against the simulated org (\`grantproof org serve\`). "Loses its grant": in the end it is refused, and somebody has to log in again.
Written by \`tests/peers/run … rotation\`.

${versions().map((line) => `- ${line}`).join('\n')}

simple-salesforce has no refresh token flow. jsforce has no store of its own: its workers are processes with one connection each, and a program that
keeps the connection keeps what the library keeps.

| story | ${labs.map(([, { title }]) => title).join(' | ')} |
|---|${labs.map(() => '---').join('|')}|
${rows.join('\n')}

${sections.join('\n\n')}
`;
}

// Who of two that are "at once" comes first is chance.
function steps(told) {
  return told.map((step, at) => [step, at]).sort(([a, i], [b, j]) => (a.when === b.when ? a.words.localeCompare(b.words) : i - j)).map(([step]) => step);
}

const cases = Object.keys(STORIES)
  .filter((story) => only.length === 0 || only.includes(story))
  .flatMap((story) => Object.keys(LABS).filter((client) => STORIES[story].needs !== 'store' || LABS[client].store).map((client) => ({ story, client })));
const failed = await sideBySide(cases, attempt);
writeFileSync(table, markdown(cases));
process.exit(failed ? 1 : 0);
