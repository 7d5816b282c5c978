# Judges of the simulated org, none of which has seen it before: openid-client and jose on its identity, sslscan on its TLS, Schemathesis on
# its answers to what no client would send.

need judges && need jsforce && need schemathesis && need_program sslscan sslscan && peer_certificate && start_org "$work/judged" || return 0
org=$id
echo "  sslscan $(sslscan --version | sed 's/\x1b\[[0-9;]*m//g' | grep -oE '[0-9]+\.[0-9.]+' | head -1)"
files=("$work/judged/ready.json" "$work/judged/credentials.json")
peer judges-openapi "$(python_of schemathesis)" judges/openapi.py "${files[@]}" "$work/judged/ca.pem" &
openapi=$!
peer judges env NODE_EXTRA_CA_CERTS="$work/judged/ca.pem" "$node" judges/verify.mjs "${files[@]}"
peer judges-tls python3 judges/tls.py "${files[0]}" "$work/peer.pem" "$work/peer.key"
wait "$openapi"
end_org "$org" "$work/judged" judges
