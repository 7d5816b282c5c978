# Each client against an org in bad weather; the org must live, leak nothing, and stop a client that refreshes without limit.

need node && need jsforce && need salesforce_cli && need simple_salesforce && need cumulusci || return 0
peer chaos "$node" stories/chaos.mjs "$binary"
