# A Chromium that nobody sits at (`--agent webdriver`), on the own pages of the simulated org, of oidc-provider and of glewlwyd: over TLS,
# with the CA of each server in an NSS database of the run, and with no check of the browser switched off.

need_program chromium chromium && need_program chromedriver chromium-driver && need_program certutil libnss3-tools || return 0
echo "  $(chromium --version 2>/dev/null), $(chromedriver --version | cut -d' ' -f1,2)"
need oidc-provider && need_program glewlwyd "glewlwyd dbconfig-sqlite3" && peer_certificate || return 0
# A port that is free, and that the system gives to nobody who asks for any.
free_port() {
    python3 - <<'END'
import random, socket
while True:
    port = random.randrange(20000, 32768)
    try:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family) as probe:
                probe.bind((address, port))
        break
    except OSError:
        pass
print(port)
END
}
# driven NAME PASSWORD ARGUMENT… : the stories of a server, in a home that has no database of its own.
driven() {
    local name=$1 password=$2
    shift 2
    mkdir -p "$work/home"
    peer "$name" env -u DISPLAY HOME="$work/home" PASSWORD="$password" python3 webdriver/flows.py "$binary" "$name" "$@"
    if [ -e "$work/home/.pki" ]; then not_ok "$name: the home of the person is left alone" "it has a database"; fi
}

# --- the simulated org: its pages have the ids of Salesforce's own, which need no description -----------------------------------------------

callback=https://localhost:$(free_port)/callback
cat >"$work/driven-org.yaml" <<END
app: {callbackUrl: ["$callback"], permitted users: all users may self-authorize}
org: {enableMFADirectUILoginOptIn: true}
users: {ana: {}, ben: {}}
END
if start_org "$work/driven" "$work/driven-org.yaml"; then
    org=$id
    eval "$(python3 - "$work/driven/credentials.json" <<'END'
import json, shlex, sys
told = json.load(open(sys.argv[1]))
app = next(app for app in told["apps"] if app["name"] == "Harness")
print("HARNESS_KEY=" + shlex.quote(app["consumer_key"]), "HARNESS_SECRET=" + shlex.quote(app["consumer_secret"]))
for user in told["users"]:
    name = user["username"].split("@")[0].upper()
    print(f"{name}={shlex.quote(user['username'])} {name}_PASSWORD={shlex.quote(user['password'])} {name}_CODE={shlex.quote(user['verification_code'])}")
END
)"
    export HARNESS_SECRET ANA_PASSWORD ANA_CODE BEN_PASSWORD BEN_CODE
    for trust in "ca: $work/driven/ca.pem" "# without the CA"; do
        cat >"$work/driven-${trust%%[: ]*}.yaml" <<END
target: the simulated org as a server
hosts: {my_domain: https://localhost:$(field "$work/driven/ready.json" base_urls | sed "s/.*'my_domain': '[^']*:\([0-9]*\).*/\1/")}
$trust
apps:
  Harness: {kind: external_client_app, client_id: $HARNESS_KEY, client_secret: env:HARNESS_SECRET, redirect_uri: $callback}
users:
  ana: {username: $ANA, password: env:ANA_PASSWORD, verification_code: env:ANA_CODE}
  ben: {username: $BEN, password: env:BEN_PASSWORD, verification_code: env:BEN_CODE}
END
    done
    # One callback URL, so one story at a time.
    driven webdriver-org "$ANA_PASSWORD" "$work/driven-ca.yaml" webdriver/org --jobs 1
    driven webdriver-untrusted "$ANA_PASSWORD" "$work/driven-#.yaml" webdriver/untrusted
    end_org "$org" "$work/driven" webdriver
fi

# --- oidc-provider: the pages that it has for development, several at once ------------------------------------------------------------------

OP_WEB_SECRET=$(openssl rand -hex 16) OP_ALICE_PASSWORD=$(openssl rand -hex 8)
export OP_WEB_SECRET OP_ALICE_PASSWORD
serve_op=(env OP_PAGES=own TLS_CERT="$work/peer.pem" TLS_KEY="$work/peer.key" "$node" oidc-provider/server.mjs)
if start "$work/driven-op.json" 15 "${serve_op[@]}" || { echo "oidc-provider did not listen; one more try"; start "$work/driven-op.json" 15 "${serve_op[@]}"; }; then
    cat >"$work/driven-op.yaml" <<END
target: oidc-provider on loopback, with its own pages
dialect: rfc
hosts: {issuer: $(field "$work/driven-op.json" issuer)}
ca: $work/peer-ca.pem
apps:
  web: {client_id: web, client_secret: env:OP_WEB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
  web-post: {client_id: web-post, client_secret: env:OP_WEB_SECRET, client_authentication: body, redirect_uri: https://localhost:0/callback}
  native: {client_id: native, redirect_uri: http://localhost:0/callback}
users:
  alice: {username: alice, password: env:OP_ALICE_PASSWORD}
browser:
  sign_in:
    - {type: username, into: 'input[name=login]'}
    - {type: password, into: 'input[name=password]'}
    - {press: 'button.login-submit'}
    - {press: 'button.login-submit', answer: allow}
    - {press: 'a[href$="/abort"]', answer: deny}
  device:
    - {type: user_code, into: 'input[name=user_code]'}
    - {press: 'button[type=submit]'}
    - {press: 'button[type=submit][form]', optional: true}
    - {type: username, into: 'input[name=login]'}
    - {type: password, into: 'input[name=password]'}
    - {press: 'button.login-submit'}
    - {press: 'button.login-submit'}
END
    driven webdriver-oidc-provider "$OP_ALICE_PASSWORD" "$work/driven-op.yaml" webdriver/oidc-provider --jobs 4
else
    not_ok webdriver-oidc-provider "it did not listen in two tries"
    tail_of "$work/driven-op.json.err"
fi

# --- glewlwyd: a program in JavaScript, on which nothing is a form -----------------------------------------------------------------------------

GLEWLWYD_SECRET=$(openssl rand -hex 16) GLEWLWYD_ALICE_PASSWORD=$(openssl rand -hex 8)
export GLEWLWYD_SECRET GLEWLWYD_ALICE_PASSWORD
if start "$work/driven-glewlwyd.json" 45 env TLS_CERT="$work/peer.pem" TLS_KEY="$work/peer.key" glewlwyd/start --login own; then
    echo "  glewlwyd $(field "$work/driven-glewlwyd.json" version)"
    cat >"$work/driven-glewlwyd.yaml" <<END
target: glewlwyd on loopback, with its own page
dialect: rfc
hosts: {issuer: $(field "$work/driven-glewlwyd.json" issuer)}
ca: $work/peer-ca.pem
apps:
  web: {client_id: web, client_secret: env:GLEWLWYD_SECRET, client_authentication: basic, redirect_uri: $(field "$work/driven-glewlwyd.json" callback)}
users:
  alice: {username: alice, password: env:GLEWLWYD_ALICE_PASSWORD}
browser:
  sign_in:
    - {type: username, into: '#username'}
    - {type: password, into: '#password'}
    - {press: '#loginbut'}
    # The scope that is not granted yet has a box; without it there is only the button that goes on.
    - {press: '#grant-mail', optional: true}
    - {press: 'body:has(#grant-mail) button.btn-primary', optional: true}
    - {press: 'body:not(:has(#grant-mail)) button.btn-success'}
  device:
    - {type: user_code, into: 'input[type=text][maxlength="9"]'}
    - {press: 'button.btn-primary'}
    - {type: username, into: '#username'}
    - {type: password, into: '#password'}
    - {press: '#loginbut'}
    - {press: '#grant-mail', optional: true}
    - {press: 'body:has(#grant-mail) button.btn-primary', optional: true}
    - {press: 'body:not(:has(#grant-mail)) button.btn-success'}
END
    driven webdriver-glewlwyd "$GLEWLWYD_ALICE_PASSWORD" "$work/driven-glewlwyd.yaml" webdriver/glewlwyd --jobs 1
else
    not_ok webdriver-glewlwyd "it printed no ready line"
    tail_of "$work/driven-glewlwyd.json.err"
fi
