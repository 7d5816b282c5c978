// A person who logs in at an authorization address, allows what is asked, and ends at the client's callback.
//
//   node person.mjs URL [--only-tell]        PERSON_USERNAME, PERSON_PASSWORD: who
//
// Prints where it ended, in the page's words where that is not the callback; the code stays out. With --only-tell it does not call back, but
// prints the address, code included, for a client that has no callback server.

import process from 'node:process';
import { Person } from './agent.mjs';

const url = new URL(process.argv[2]);
const callback = url.searchParams.get('redirect_uri');
const person = new Person({ Username: process.env.PERSON_USERNAME, Password: process.env.PERSON_PASSWORD });
try {
  const back = await person.travel(url, callback);
  if (process.argv[3] === '--only-tell') {
    console.log(back.href);
    process.exit();
  }
  const answer = await fetch(back, { signal: AbortSignal.timeout(20_000) });
  await answer.text();
  console.log(`callback: ${back.searchParams.get('error') ?? 'granted'}`);
} catch (error) {
  console.log(`${error.name}: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}`);
  process.exitCode = 1;
}
