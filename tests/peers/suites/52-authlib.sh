# PyPI's Authlib with Flask as the server that `run` is pointed at: the one with assertions.

need authlib && peer_certificate || return 0
AUTHLIB_SECRET=$(openssl rand -hex 16) AUTHLIB_ALICE_PASSWORD=$(openssl rand -hex 8)
export AUTHLIB_SECRET AUTHLIB_ALICE_PASSWORD
openssl genrsa -out "$work/signer.key" 2048 2>/dev/null && openssl rsa -in "$work/signer.key" -pubout -out "$work/signer.pub" 2>/dev/null
if ! start "$work/authlib.json" 20 env TLS_CERT="$work/peer.pem" TLS_KEY="$work/peer.key" AUTHLIB_JWT_PUBLIC="$work/signer.pub" \
    "$(python_of authlib)" authlib/server.py; then
    not_ok authlib "it printed no ready line within 20 s"
    tail_of "$work/authlib.json.err"
    return 0
fi
cat >"$work/authlib.yaml" <<END
target: Authlib on loopback
dialect: rfc
hosts: {issuer: $(field "$work/authlib.json" issuer)}
ca: $work/peer-ca.pem
apps:
  web: {client_id: web, client_secret: env:AUTHLIB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
  web-post: {client_id: web-post, client_secret: env:AUTHLIB_SECRET, client_authentication: body, redirect_uri: https://localhost:0/callback}
  native: {client_id: native, redirect_uri: https://localhost:0/callback}
  service: {client_id: service, client_secret: env:AUTHLIB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
  signer: {client_id: signer, jwt_key: file:$work/signer.key}
  brief: {client_id: brief, client_secret: env:AUTHLIB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
users:
  alice: {username: alice, password: env:AUTHLIB_ALICE_PASSWORD}
END
: >"$work/authlib.rows"
peer authlib python3 servers.py run "$binary" Authlib authlib/scenarios "$work/authlib.yaml" "$work/authlib.rows"
peer authlib-table python3 servers.py table Authlib "$work/authlib.rows" tables/servers.md
