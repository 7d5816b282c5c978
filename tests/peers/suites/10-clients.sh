# Real clients of the simulated org, each with every login it has.

need node && need jsforce && need salesforce_cli && need simple_salesforce && need cumulusci && start_org "$work/org" || return 0
org=$id files=("$work/org/ready.json" "$work/org/credentials.json")
behind "$work/org"

mode=$(stat -c %a "$work/org/credentials.json")
if [ "$mode" = 600 ]; then ok "org serve: the credentials file is its owner's alone"; else not_ok "org serve: the credentials file is its owner's alone" "mode $mode"; fi
peer_certificate && peer tls ./tls "$work/org/ready.json" "$work/peer.pem" "$work/peer.key"

peer salesforce-cli "${client[@]}" "$node" salesforce_cli/flows.mjs "${files[@]}" &
cli=$!
peer jsforce env NODE_EXTRA_CA_CERTS="$work/org/ca.pem" "$node" jsforce/flows.mjs "${files[@]}"
peer simple-salesforce "${client[@]}" "$(python_of simple_salesforce)" simple_salesforce/flows.py "${files[@]}"
peer cumulusci "${client[@]}" "$(python_of cumulusci)" cumulusci/flows.py "${files[@]}"
wait "$cli"
peer weather "$node" stories/chaos.mjs "$binary" fair strict
end_org "$org" "$work/org" clients
