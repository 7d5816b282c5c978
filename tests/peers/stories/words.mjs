// What a client printed, as it is kept: without what changes from run to run, without what only its own programmers read, without secrets.

/** `org`: whose secrets and ids may be in it. */
export function kept(text, org) {
  let said = text
    .replace(/^[^]*\x1b\[\?25h/, '') // a question that was answered
    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/\r/g, '');
  const { consumer_key: key, consumer_secret: secret } = org.app;
  const { password, security_token: token } = org.user;
  for (const [value, mark] of [[key, '<consumer key>'], [secret, '<secret>'], [password, '<secret>'], [token, '<secret>']]) said = said.replaceAll(value, mark);
  said = said
    .replace(/\b(code=)[^&\s"]+/g, '$1<code>')
    .replace(/\b00D[A-Za-z0-9]{12,15}(![^\s"']+)?/g, '<org id>')
    .replace(/\b005[A-Za-z0-9]{12,15}\b/g, '<user id>')
    .replace(/localhost:\d+/g, 'localhost:<port>')
    .replace(/\[\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d\]/g, '[<time>]')
    .replace(/\[\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\]/g, '[<time>]')
    .replace(/\/(?:[\w.@-]+\/)+([\w.-]+\.(?:py|js|mjs))\b/g, '$1');
  return lines(said).join('\n');
}

// Without stack traces: what an uncaught error says of itself stays.
function lines(text) {
  const kept = [];
  let frames = false;
  for (const line of text.split('\n').map((each) => each.trimEnd())) {
    if (/^Traceback \(most recent call last\):$/.test(line)) frames = true;
    else if (frames && /^ /.test(line)) continue;
    else if (/^ {4,}at .*|^\s*\^+$|^Node\.js v|^Emitted 'error' event|^[\w.-]+\.m?js:\d+$|^node:internal\/|^\s+throw new |^\s+: new \w*Error\(|^  warnings\.warn\(/.test(line)) continue;
    else {
      frames = false;
      kept.push(line);
    }
  }
  return kept.filter((line, at) => line !== '' || (at > 0 && kept[at - 1] !== '')).join('\n').trim().split('\n');
}
