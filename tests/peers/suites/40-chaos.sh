# Each client against an org in bad weather (a change that is not known yet, slow answers, one fault in ten); the org must live, leak nothing, and stop a client that refreshes without limit.

need node && need jsforce && need salesforce_cli && need simple_salesforce && need cumulusci || return 0
PEER_SECONDS=900 peer chaos "$node" stories/chaos.mjs "$binary" propagation slow faults without_limit
