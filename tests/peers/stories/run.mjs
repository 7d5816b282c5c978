// A program that runs to its end; what it printed, in the order of the streams.

import { spawn } from 'node:child_process';

export function run(program, args, { env, cwd, input = '', seconds = 60, until = () => false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd, timeout: seconds * 1000 });
    let [out, err] = ['', ''];
    const watch = setInterval(() => until() && child.kill(), 200);
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve({ code, out, err, text: `${out}\n${err}` });
    });
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
  });
}
