# npm's oidc-provider as the server that `run` is pointed at.

need oidc-provider && peer_certificate || return 0
OP_WEB_SECRET=$(openssl rand -hex 16) OP_ALICE_PASSWORD=$(openssl rand -hex 8)
export OP_WEB_SECRET OP_ALICE_PASSWORD
serve_op=(env TLS_CERT="$work/peer.pem" TLS_KEY="$work/peer.key" "$node" oidc-provider/server.mjs)
if start "$work/op.json" 15 "${serve_op[@]}" || { echo "oidc-provider did not listen; one more try"; start "$work/op.json" 15 "${serve_op[@]}"; }; then
    issuer=$(field "$work/op.json" issuer)
    cat >"$work/target.yaml" <<END
target: oidc-provider on loopback
dialect: rfc
hosts: {issuer: $issuer}
ca: $work/peer-ca.pem
apps:
  web: {client_id: web, client_secret: env:OP_WEB_SECRET, client_authentication: basic, redirect_uri: https://localhost:0/callback}
  web-post: {client_id: web-post, client_secret: env:OP_WEB_SECRET, client_authentication: body, redirect_uri: https://localhost:0/callback}
  native: {client_id: native, redirect_uri: http://localhost:0/callback}
users:
  alice: {username: alice, password: env:OP_ALICE_PASSWORD}
END
    for story in oidc-provider/scenarios/*.yaml; do
        name="oidc-provider: $(sed -n 's/^story: //p' "$story")"
        timeout 120 "$binary" run "$story" --target "$work/target.yaml" --format json >"$work/story.json" 2>"$work/story.err"
        status=$?
        verdict=$("$node" -p 'const all = JSON.parse(require("fs").readFileSync(process.argv[1])).scenarios; all.length === 1 && all[0].steps.length > 0 ? all[0].status : `${all.length} scenarios`' "$work/story.json" 2>/dev/null)
        if [ "$status" -eq 0 ] && [ "$verdict" = passed ]; then ok "$name"
        else
            not_ok "$name" "exit code $status, ${verdict:-no JSON}; $(basename "$story") again, in words:"
            timeout 120 "$binary" run "$story" --target "$work/target.yaml" 2>&1 | sed 's/^/    /' | head -60
        fi
    done
else
    not_ok oidc-provider "it did not listen in two tries"
    tail_of "$work/op.json.err"
fi
