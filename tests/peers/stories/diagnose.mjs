// `grantproof diagnose`, fed with a text alone.

import { run } from './run.mjs';
import process from 'node:process';

/** The causes: the first, and those that it says nothing of this kind can be told apart from. */
export async function diagnose(binary, text) {
  const { code, out, err } = await run(binary, ['diagnose', '-', '--format', 'json'], { input: text, env: process.env });
  if (code !== 0) throw new Error(`grantproof diagnose ended with ${code}: ${err}`);
  const [{ candidates }] = JSON.parse(out).results;
  const [first] = candidates;
  return { first: first?.cause, tie: first?.tied_with ?? [], all: candidates.map(({ cause }) => cause) };
}
