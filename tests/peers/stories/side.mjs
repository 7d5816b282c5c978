// Cases side by side, as many as there are processors; one line per check.

import { availableParallelism } from 'node:os';

/** Runs `attempt` for each case; it returns the name of the check or fails. How many failed. */
export async function sideBySide(cases, attempt) {
  const waiting = [...cases];
  let failed = 0;
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      try {
        console.log(`ok - ${await attempt(one)}`);
      } catch (error) {
        failed += 1;
        console.log(`not ok - ${Object.values(one).filter((value) => typeof value === 'string').slice(0, 3).join(' ')}: ${error.message.replace(/\s+/g, ' ')}`);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return failed;
}
