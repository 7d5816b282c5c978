# What each client that refreshes makes of refresh token rotation: tables/client-rotation.md.

need node && need jsforce && need salesforce_cli && need cumulusci || return 0
PEER_SECONDS=900 peer rotation "$node" stories/rotation.mjs "$binary" "$work/client-rotation.md"
table client-rotation.md
