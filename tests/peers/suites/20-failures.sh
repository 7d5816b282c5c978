# What each real client prints when a policy refuses it, and what `diagnose` makes of that text alone: tables/client-failures.md.

need node && need jsforce && need salesforce_cli && need simple_salesforce && need cumulusci || return 0
PEER_SECONDS=900 peer failures "$node" stories/failures.mjs "$binary" "$work/client-failures.md"
table client-failures.md
