# npm's oidc-provider as the server that `run` is pointed at.

need oidc-provider && peer_certificate || return 0
OP_WEB_SECRET=$(openssl rand -hex 16) OP_ALICE_PASSWORD=$(openssl rand -hex 8)
export OP_WEB_SECRET OP_ALICE_PASSWORD
serve_op=(env TLS_CERT="$work/peer.pem" TLS_KEY="$work/peer.key" "$node" oidc-provider/server.mjs)
if ! { start "$work/op.json" 15 "${serve_op[@]}" || { echo "oidc-provider did not listen; one more try"; start "$work/op.json" 15 "${serve_op[@]}"; }; }; then
    not_ok oidc-provider "it did not listen in two tries"
    tail_of "$work/op.json.err"
    return 0
fi
cat >"$work/op.yaml" <<END
target: oidc-provider on loopback
dialect: rfc
hosts: {issuer: $(field "$work/op.json" issuer)}
ca: $work/peer-ca.pem
apps:
  web: {client_id: web, client_secret: env:OP_WEB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
  web-post: {client_id: web-post, client_secret: env:OP_WEB_SECRET, client_authentication: body, redirect_uri: https://localhost:0/callback}
  native: {client_id: native, redirect_uri: http://localhost:0/callback}
  service: {client_id: service, client_secret: env:OP_WEB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
  brief: {client_id: brief, client_secret: env:OP_WEB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
users:
  alice: {username: alice, password: env:OP_ALICE_PASSWORD}
END
: >"$work/op.rows"
peer oidc-provider python3 servers.py run "$binary" oidc-provider oidc-provider/scenarios "$work/op.yaml" "$work/op.rows"
peer oidc-provider-table python3 servers.py table oidc-provider "$work/op.rows" tables/servers.md
