// The second door of a served org.

/** Changes a setting of an app, as an administrator would in Setup. */
export const change = (ready, credentials, app, key, value) => door(ready, credentials, 'change', { app, key, value });

/** Lets so much time pass that access tokens end. */
export const later = (ready, credentials) => door(ready, credentials, 'clock', { advance: 13 * 3600 });

async function door(ready, credentials, command, body) {
  const answer = await fetch(`${ready.admin_url}/${command}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credentials.door_token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the door answered ${answer.status}: ${await answer.text()}`);
}
