// `grantproof diagnose`, fed with a text alone.

import process from 'node:process';
import { run } from './run.mjs';

/** How many causes the answer for people names. */
const NAMED = 8;

/**
 * What it says of `cause`: `first`, the cause that it names first; `place`: `first`, `tie` (it says that nothing tells it from the first, under
 * any flow), `alike` (the same words fit both, and nothing else in the text speaks for either), or `no`; `others`: those of the tie.
 */
export async function diagnose(binary, text, cause) {
  const { code, out, err } = await run(binary, ['diagnose', '-', '--format', 'json'], { input: text, env: process.env });
  if (code !== 0) throw new Error(`grantproof diagnose ended with ${code}: ${err}`);
  const [{ candidates }] = JSON.parse(out).results;
  const [first] = candidates;
  const place = candidates.slice(0, NAMED).findIndex((one) => one.cause === cause);
  const byWords = (one) => one.evidence_for.length === 1 && /these words/.test(one.evidence_for[0]) && one.evidence_against.length === 0;
  if (place === 0) return { first: first.cause, place: 'first', others: first.tied_with };
  if (first?.tied_with.includes(cause)) return { first: first.cause, place: 'tie', others: first.tied_with };
  if (place > 0 && candidates.slice(0, place + 1).every(byWords)) return { first: first.cause, place: 'alike', others: [] };
  return { first: first?.cause ?? 'nothing', place: 'no', others: [] };
}
