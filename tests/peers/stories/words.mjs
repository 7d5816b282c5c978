// What a client printed, as it is kept: without what changes from run to run, without secrets.

/** `org`: whose secrets and ids may be in it. */
export function kept(text, org) {
  let said = text
    .replace(/^[^]*\x1b\[\?25h/, '') // a question that was answered
    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/\r/g, '');
  const { consumer_key: key, consumer_secret: secret } = org.app;
  const { password, security_token: token } = org.user;
  for (const [value, mark] of [[key, '[consumer_key]'], [secret, '[secret]'], [password, '[secret]'], [token, '[secret]']]) said = said.replaceAll(value, mark);
  said = said
    .replace(/\b(code|state)=[^&\s"]+/g, '$1=[$1]')
    .replace(/\b00D[A-Za-z0-9]{12,15}(![^\s"']+)?/g, '[org_id]')
    .replace(/\b005[A-Za-z0-9]{12,15}\b/g, '[user_id]')
    .replace(/localhost:\d+/g, 'localhost:[port]')
    .replace(/\[\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d\]/g, '[time]')
    .replace(/\[\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\]/g, '[time]')
    .replace(/\/(?:[\w.@-]+\/)+([\w.-]+\.(?:py|js|mjs))\b/g, '$1');
  return lines(said).join('\n');
}

// Of the frames of a stack trace the ones of the client stay, without the places in its files; the language's own and the script's go.
function lines(text) {
  const kept = [];
  for (const line of text.split('\n').map((each) => each.trimEnd())) {
    const frame = /^\s+at (?:async )?(\S+) \((.*):\d+:\d+\)/.exec(line);
    if (frame) {
      if (!/^node:|one\.mjs/.test(frame[2])) kept.push(`    at ${frame[1]} (${frame[2]})`);
    } else if (!/^\s+at |^\s*[\^~]+$|^Node\.js v|^Emitted 'error' event|^[\w.-]+\.m?js:\d+$|^node:internal\/|^\s+throw new |^\s+: new \w*Error\(|^  warnings\.warn\(/.test(line)) {
      kept.push(line.replace(/^(  File "[^"]*"), line \d+/, '$1').replace(/^(\w+\.py):\d+: /, '$1: '));
    }
  }
  return kept.filter((line, at) => line !== '' || (at > 0 && kept[at - 1] !== '')).join('\n').trim().split('\n');
}
