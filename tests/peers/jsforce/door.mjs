// The second door of a served org.

/** Changes a setting of an app, as an administrator would in Setup. */
export async function change(ready, credentials, app, key, value) {
  const answer = await fetch(`${ready.admin_url}/change`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credentials.door_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ app, key, value }),
  });
  if (!answer.ok) throw new Error(`the door answered ${answer.status}: ${await answer.text()}`);
}
