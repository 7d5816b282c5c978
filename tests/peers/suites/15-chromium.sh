# The Salesforce CLI's web login through a real Chromium that trusts the org's CA by NSS, with no check switched off.

need node && need salesforce_cli && need_program chromium chromium && need_program chromedriver chromium-driver && need_program certutil libnss3-tools || return 0
start_org "$work/chromium" || return 0
org=$id
behind "$work/chromium"
echo "  $(chromium --version 2>/dev/null)"
browser=$work/chromium/home
mkdir -p "$browser/.pki/nssdb"
certutil -N -d "sql:$browser/.pki/nssdb" --empty-password && certutil -A -d "sql:$browser/.pki/nssdb" -n "org of this run" -t C,, -i "$work/chromium/ca.pem"
if start "$work/chromium/driver" 15 env HOME="$browser" chromedriver --port=0; then
    for _ in $(seq 100); do
        port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$work/chromium/driver")
        [ -n "$port" ] && break
        sleep 0.1
    done
    # It ends at once, as a browser that is open already does; the journey goes on behind it.
    cat >"$work/chromium/open" <<END
#!/bin/sh
exec setsid python3 "$here/drive.py" "\$1" </dev/null >"$work/chromium/drive.log" 2>&1 &
END
    chmod +x "$work/chromium/open"
    person=(WEBDRIVER="http://127.0.0.1:${port:-1}" PAGE="$work/chromium/page.json" PROFILE="$work/chromium/profile" PROXY="$(field "$work/chromium/ready.json" proxy_url)" BROWSER="$work/chromium/open")
    user='import json, sys; user = json.load(open(sys.argv[1]))["users"][0]; print(user[sys.argv[2]])'
    person+=(USERNAME_AT_ORG="$(python3 -c "$user" "$work/chromium/credentials.json" username)" PASSWORD_AT_ORG="$(python3 -c "$user" "$work/chromium/credentials.json" password)")
    peer salesforce-cli-chromium "${client[@]}" "${person[@]}" "$node" salesforce_cli/chromium.mjs "$work/chromium/ready.json" "$work/chromium/credentials.json"
else
    not_ok chromedriver "it did not start"
    tail_of "$work/chromium/driver.err"
fi
end_org "$org" "$work/chromium" chromium
