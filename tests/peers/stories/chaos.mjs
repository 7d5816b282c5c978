// Each client against an org in some weather: fair, strict, a change that is not known yet, slow answers, one fault in ten, and an API that refuses
// for ever.
//
//   node chaos.mjs BINARY WEATHER…        one line per check; ends with 1 when one is not ok
//
// Whatever a client makes of it, the org must live, hold no more than before, and end well; and no client may go on without limit.

import process from 'node:process';
import { setTimeout as after } from 'node:timers/promises';
import { CLIENTS } from './clients.mjs';
import { LABS } from './labs.mjs';
import { Org } from './org.mjs';
import { sideBySide } from './side.mjs';

const [binary, ...only] = process.argv.slice(2);
const MOST_RESIDENT = 192 * 1024 * 1024;
const SETTLED_WITHIN = 10_000;
const LIMIT = 100; // refreshes of one grant within a minute

const WEATHERS = {
  /** What is not tried elsewhere: CumulusCI by its own program. */
  fair: {
    flows: { cumulusci: ['web', 'refresh'] },
    run: async (org, flow) => pass(await flow(org)),
  },
  /** To the letter of the RFCs: each of these sends something that an org must be lenient about. */
  strict: {
    options: ['--strict'],
    flows: { 'salesforce-cli': ['jwt', 'web'], jsforce: ['web'], 'simple-salesforce': ['jwt'], cumulusci: ['jwt'] },
    async run(org, flow) {
      const { code, text } = await flow(org);
      if (code === 0) throw new Error('it was not refused');
      if (!/expired authorization code|invalid assertion|assertion|code verifier|audience/.test(text)) throw new Error(`it failed in another way: ${text}`);
    },
  },
  /** The app was made half a minute ago, and half a minute is missing. */
  propagation: {
    setup: { propagation: '30 seconds', app: { created: 'now' } },
    flows: { 'salesforce-cli': ['jwt'], jsforce: ['cc'], 'simple-salesforce': ['cc'], cumulusci: ['jwt'] },
    async run(org, flow) {
      const early = await flow(org);
      if (early.code === 0) throw new Error('it passed before the app was known');
      if (!/client identifier invalid|user hasn't approved this consumer/.test(early.text)) throw new Error(`it failed in another way: ${early.text}`);
      await org.door('clock', { advance: 31 });
      return pass(await flow(org));
    },
  },
  slow: {
    options: ['--latency', '500'],
    flows: { 'salesforce-cli': ['jwt', 'web'], jsforce: ['jwt', 'web', 'refresh', 'cc'], 'simple-salesforce': ['jwt', 'cc'], cumulusci: ['jwt', 'web', 'refresh'] },
    run: async (org, flow) => pass(await flow(org)),
  },
  /** One request in ten fails. A client may fail of it, but it must say so, and end. */
  faults: {
    options: ['--fail-one-in', '10', '--seed', '7'],
    flows: { 'salesforce-cli': ['jwt', 'web'], jsforce: ['jwt', 'web', 'cc', 'jwt', 'web', 'cc'], 'simple-salesforce': ['jwt', 'cc', 'jwt', 'cc', 'jwt', 'cc'], cumulusci: ['jwt', 'web', 'jwt'] },
    async run(org, flow) {
      const { code, text } = await flow(org);
      if (code !== 0 && text.trim() === '') throw new Error(`it ended with ${code} and said nothing`);
    },
  },
};

function pass({ code, text }) {
  if (code !== 0) throw new Error(`it ended with ${code}: ${text}`);
}

async function attempt({ weather, client }) {
  const { setup, options = [], flows, run } = WEATHERS[weather];
  const org = await Org.start(binary, setup, options);
  const before = org.holds();
  let end;
  try {
    for (const flow of flows[client]) await run(org, CLIENTS[client].flows[flow]).catch((error) => {
      throw new Error(`${flow}: ${error.message}`);
    });
    await settled(org, before);
    if (weather === 'faults') await struck(org);
  } finally {
    end = await org.end();
  }
  if (end) throw new Error(`the org: ${end}`);
  return `${client}: ${weather}, ${[...new Set(flows[client])].join(', ')}`;
}

async function struck(org) {
  const { verdicts } = await org.door('ledger');
  if (!verdicts.some(({ verdict }) => verdict === 'fault') && verdicts.length > 20) throw new Error('no fault struck');
}

/** No connection is left, and no more memory is held than a server of this kind may. */
async function settled(org, before) {
  const until = Date.now() + SETTLED_WITHIN;
  let { sockets, resident } = org.holds();
  while (sockets > before.sockets && Date.now() < until) {
    await after(100);
    ({ sockets, resident } = org.holds());
  }
  if (sockets > before.sockets) throw new Error(`${sockets - before.sockets} connections are left`);
  if (resident > MOST_RESIDENT) throw new Error(`${resident} octets are resident`);
}

/** jsforce refreshes as long as the API refuses its token, and each refresh is granted. */
async function withoutLimit({ client }) {
  const org = await Org.start(binary, {}, ['--refreshes-a-minute', String(LIMIT)]);
  const before = org.holds();
  const lab = LABS[client].open(org);
  let end;
  try {
    pass(await lab.login());
    await org.door('fault', { at: 'rest', kind: 'session_expired', times: 1000 });
    const { code, text } = await lab.use();
    if (code === 0) throw new Error('the API answered');
    const { verdicts } = await org.door('ledger');
    const refreshes = verdicts.filter(({ event, verdict }) => event === 'token' && verdict === 'proceed').length - 1;
    const capped = verdicts.filter(({ verdict }) => verdict === 'capped').length;
    const told = org.stderr.split('\n').filter((line) => /refreshed one grant 100 times within a minute/.test(line)).length;
    const stopped = capped > 0;
    if (refreshes > LIMIT || stopped !== (told === 1) || (client === 'jsforce' && !stopped)) throw new Error(`${refreshes} refreshes, ${capped} capped, told ${told} times: ${text}`);
    lab.remove();
    await settled(org, before);
    return `${client}: an API that refuses for ever, ${stopped ? `stopped after ${refreshes} refreshes of one grant and told on stderr` : `it gives up by itself after ${refreshes}`}`;
  } finally {
    lab.remove();
    end = await org.end();
    if (end) console.log(`not ok - ${client}: an API that refuses for ever: the org: ${end}`);
  }
}

const cases = [
  ...Object.entries(WEATHERS).flatMap(([weather, { flows }]) => Object.keys(flows).map((client) => ({ weather, client }))),
  ...Object.keys(LABS).map((client) => ({ weather: 'without_limit', client })),
].filter(({ weather }) => only.includes(weather));
const failed = await sideBySide(cases, (one) => (one.weather === 'without_limit' ? withoutLimit(one) : attempt(one)));
process.exit(failed ? 1 : 0);
