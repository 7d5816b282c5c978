# Debian's glewlwyd as the server that `run` is pointed at. Its own login page wants a browser: here a page of forms stands in its place.
# One story after another: over SQLite glewlwyd answers requests that come at once with `server_error`, and it has one callback URL.

need_program glewlwyd glewlwyd dbconfig-sqlite3 && peer_certificate || return 0
GLEWLWYD_SECRET=$(openssl rand -hex 16) GLEWLWYD_ALICE_PASSWORD=$(openssl rand -hex 8)
export GLEWLWYD_SECRET GLEWLWYD_ALICE_PASSWORD
if ! start "$work/glewlwyd.json" 45 env TLS_CERT="$work/peer.pem" TLS_KEY="$work/peer.key" glewlwyd/start --login plain; then
    not_ok glewlwyd "it printed no ready line"
    tail_of "$work/glewlwyd.json.err"
    return 0
fi
echo "  glewlwyd $(field "$work/glewlwyd.json" version)"
callback=$(field "$work/glewlwyd.json" callback)
: >"$work/glewlwyd.rows"
for instance in issuer short_codes short_tokens; do
    cat >"$work/glewlwyd-$instance.yaml" <<END
target: glewlwyd on loopback
dialect: rfc
hosts: {issuer: $(field "$work/glewlwyd.json" "$instance")}
ca: $work/peer-ca.pem
apps:
  web: {client_id: web, client_secret: env:GLEWLWYD_SECRET, client_authentication: basic, redirect_uri: $callback}
  web-post: {client_id: web-post, client_secret: env:GLEWLWYD_SECRET, client_authentication: body, redirect_uri: $callback}
  native: {client_id: native, redirect_uri: $callback}
  service: {client_id: service, client_secret: env:GLEWLWYD_SECRET, client_authentication: basic, redirect_uri: $callback}
  other: {client_id: other, client_secret: env:GLEWLWYD_SECRET, client_authentication: basic, redirect_uri: $callback}
users:
  alice: {username: alice, password: env:GLEWLWYD_ALICE_PASSWORD}
END
    stories=glewlwyd/scenarios
    [ "$instance" = issuer ] || stories=glewlwyd/scenarios/${instance/_/-}
    peer "glewlwyd-$instance" python3 servers.py run "$binary" glewlwyd "$stories" "$work/glewlwyd-$instance.yaml" "$work/glewlwyd.rows" 1
done
peer glewlwyd-table python3 servers.py table glewlwyd "$work/glewlwyd.rows" tables/servers.md
