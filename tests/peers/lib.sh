# What the suites of the peers share: checks, installs, servers. Sourced by `run` with $here (this folder) and $binary set.
#
# A suite is a file suites/NN-name.sh, sourced in the order of its name. It says what it needs (`need jsforce || return 0`), starts what it
# tests against (`start`, `start_org`), and gives one line a check (`ok`, `not_ok`, `peer`). What it started ends with it. $work is a folder
# for its files. All of it runs on loopback; only `need` talks to a package registry.

work=$(mktemp -d)
results=$work/results
: >"$results"
started=() # the processes of the suite that runs, by id
end_started() {
    local id
    for id in "${started[@]}"; do kill "$id" 2>/dev/null; done
    for id in "${started[@]}"; do wait "$id" 2>/dev/null; done
    started=()
}
finish() {
    end_started
    # A browser that ends still writes.
    for _ in 1 2 3 4 5; do rm -rf "$work" 2>/dev/null && break || sleep 1; done
}
trap finish EXIT
trap 'exit 130' INT TERM

# --- checks -----------------------------------------------------------------------------------------------------------------------------------

ok() { echo "ok - $1" | tee -a "$results"; }
not_ok() { echo "not ok - $1: $2" | tee -a "$results"; }
tail_of() { [ -s "$1" ] && sed 's/^/    /' "$1" | tail -n "${2:-15}"; }

# peer NAME COMMAND… : prints the checks of a peer's own script and keeps them. A script that dies without saying which check failed, or
# that made no check, or that runs longer than $PEER_SECONDS (300), is a failed check. May run beside others (`peer … & peer … & wait`).
peer() {
    local name=$1 status said=$work/$1.said
    shift
    timeout "${PEER_SECONDS:-300}" "$@" 2>"$work/$name.err" | tee "$said" | tee -a "$results"
    status=${PIPESTATUS[0]}
    if ! grep -q '^not ok - ' "$said"; then
        if [ "$status" -ne 0 ]; then not_ok "$name" "its script ended with $status"
        elif ! grep -q '^ok - ' "$said"; then not_ok "$name" "its script made no check"; fi
    fi
    [ "$status" -eq 0 ] || tail_of "$work/$name.err"
}

# table FILE : a table that a suite wrote to $work must be the one that is checked in. With PEERS_TABLES=write it becomes that one.
table() {
    if [ "${PEERS_TABLES:-}" = write ]; then cp "$work/$1" "tables/$1"; fi
    if diff -u "tables/$1" "$work/$1" >"$work/table.diff" 2>&1; then ok "tables/$1 is what it is now"; return 0; fi
    not_ok "tables/$1 is what it is now" "it differs; PEERS_TABLES=write takes the new one over"
    tail_of "$work/table.diff" 60
}

summary() {
    local passed failed
    passed=$(grep -c '^ok - ' "$results") failed=$(grep -c '^not ok - ' "$results")
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# suite FILE : runs one suite and says how long it took.
suite() {
    local running suite_began=$SECONDS # a suite sees these and has names of its own
    running=$(basename "$1" .sh)
    echo "# $running"
    . "$1"
    end_started
    echo "# $running took $((SECONDS - suite_began)) s"
}

# --- what the peers need ----------------------------------------------------------------------------------------------------------------------

# The way out, if this machine has a proxy, is for installs alone.
outside=()
for name in http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY; do
    [ -n "${!name+x}" ] && outside+=("$name=${!name}")
    unset "$name"
done
unset name

npm_ci() { npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error; }
pip_install() { python3 -m venv --clear .venv && .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt; }
export -f npm_ci pip_install

# install NAME FOLDER FILE COMMAND… : runs the command in the folder, unless the stamp says that FILE was installed already. Of two at once
# one waits for the other.
install() {
    (
        flock 9
        install_alone "$@"
    ) 9<"$2/$3"
}
install_alone() {
    local name=$1 folder=$2 file=$3 stamp
    shift 3
    stamp=$folder/$([ "$file" = requirements.txt ] && echo .venv || echo node_modules)/.installed
    if [ -f "$stamp" ] && cmp -s "$stamp" "$folder/$file"; then return 0; fi
    if (cd "$folder" && env "${outside[@]}" timeout 600 "$@") >"$work/install.log" 2>&1; then
        cp "$folder/$file" "$stamp"
    else
        not_ok "$name" "cannot be installed; the end of \`${!#}\` follows"
        tail_of "$work/install.log"
        return 1
    fi
}

node= # the path of node 22.21 or later, after `need node`
declare -A needed=()
# need PEER : makes a peer ready, once, and prints its version. PEER is `node`, or a folder beside this file with a package-lock.json or a
# requirements.txt, whose first line of dependencies it is named after. One that cannot be installed is a failed check, once; then 1.
need() {
    if [ -z "${needed[$1]+x}" ]; then
        needed[$1]=no
        if [ "$1" = node ]; then need_node
        elif [ -f "$here/$1/package-lock.json" ]; then need_npm "$1"
        elif [ -f "$here/$1/requirements.txt" ]; then need_pip "$1"
        else not_ok "$1" "there is no such peer"; fi && needed[$1]=yes
    fi
    [ "${needed[$1]}" = yes ]
}
need_node() {
    local recent='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 21) ? 0 : 1)'
    node=$(command -v node || true)
    if [ -z "$node" ] || ! "$node" -e "$recent" 2>/dev/null; then
        install "node 22" node package-lock.json bash -c npm_ci || return 1
        node=$(echo "$here"/node/node_modules/node-linux-*/bin/node)
        "$node" -e "$recent" 2>/dev/null || { not_ok "node 22" "$node does not run"; return 1; }
    fi
    echo "  node $("$node" --version)"
}
need_npm() {
    need node || { not_ok "$1" "not tried, for want of node 22"; return 1; }
    install "$1" "$1" package-lock.json bash -c npm_ci || return 1
    "$node" -e 'const [folder] = process.argv.slice(1), read = (file) => JSON.parse(require("fs").readFileSync(file));
        for (const [name, version] of Object.entries(read(`${folder}/package.json`).dependencies)) {
            const found = read(`${folder}/node_modules/${name}/package.json`).version;
            console.log(`  ${name} ${found}`);
            if (found !== version) process.exitCode = 1;
        }' "$1" || { not_ok "$1" "its package.json asks for another version"; return 1; }
}
need_pip() {
    install "$1" "$1" requirements.txt bash -c pip_install || return 1
    "$(python_of "$1")" -c 'import re, sys; from importlib.metadata import version
name = sys.argv[1].replace("_", "-")
print(f"  {name} {version(name)}, Python {sys.version.split()[0]}")' "$1" || { not_ok "$1" "it does not run"; return 1; }
}
python_of() { echo "$here/$1/.venv/bin/python"; }

# need_program PROGRAM PACKAGE… : a program of the system, installed with apt where it is missing and this is root. Prints nothing.
need_program() {
    local program=$1
    shift
    command -v "$program" >/dev/null && return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        env "${outside[@]}" DEBIAN_FRONTEND=noninteractive sh -c 'lock=-oDPkg::Lock::Timeout=300; apt-get $lock install -y -q "$@" || { apt-get $lock update -q && apt-get $lock install -y -q "$@"; }' - "$@" >"$work/install.log" 2>&1
        command -v "$program" >/dev/null && return 0
    fi
    not_ok "$program" "it is missing: install with apt: $*"
    [ -f "$work/install.log" ] && tail_of "$work/install.log" 5
    return 1
}

# --- servers ------------------------------------------------------------------------------------------------------------------------------------

# start LOG SECONDS COMMAND… : starts a server that prints one line when it is ready; the line is then in LOG, its id in $id.
start() {
    local log=$1 seconds=$2
    shift 2
    : >"$log"
    "$@" >"$log" 2>"$log.err" &
    id=$!
    started+=("$id")
    for _ in $(seq "$((seconds * 10))"); do
        [ "$(wc -l <"$log")" -ge 1 ] && return 0
        kill -0 "$id" 2>/dev/null || break
        sleep 0.1
    done
    kill "$id" 2>/dev/null
    return 1
}

# start_org FOLDER ARGUMENTS… : an org with its proxy, its files in the folder, its id in $id. One that is not ready is a failed check.
start_org() {
    local folder=$1
    shift
    mkdir -p "$folder"
    start "$folder/ready.json" 20 "$binary" org serve "$@" --format json --proxy-port 0 --ca-out "$folder/ca.pem" --credentials-out "$folder/credentials.json" && return 0
    not_ok "org serve $*" "it printed no ready line within 20 s"
    tail_of "$folder/ready.json.err"
    return 1
}
# end_org ID FOLDER NAME : ends an org; it must end with 0, and must not have panicked.
end_org() {
    local status
    kill "$1" 2>/dev/null
    wait "$1"
    status=$?
    if [ "$status" -ne 0 ]; then not_ok "$3: the org ends with 0 on SIGTERM" "it ended with $status"
    elif grep -qi 'panicked' "$2/ready.json.err"; then not_ok "$3: the org does not panic" "it did"
    else ok "$3: the org ends with 0 on SIGTERM, and did not panic"; return 0; fi
    tail_of "$2/ready.json.err"
}
# field FILE KEY : a field of a JSON file.
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }

# behind FOLDER : puts into $client what a command must begin with to reach the org of the folder by Salesforce's own names, through its
# proxy, and nothing else.
behind() {
    local folder=$1 proxy
    proxy=$(field "$folder/ready.json" proxy_url)
    client=(env https_proxy="$proxy" HTTPS_PROXY="$proxy" http_proxy="$proxy" HTTP_PROXY="$proxy" no_proxy=localhost NO_PROXY=localhost
        NODE_EXTRA_CA_CERTS="$folder/ca.pem" REQUESTS_CA_BUNDLE="$folder/ca.pem" NODE_USE_ENV_PROXY=1 NODE_NO_WARNINGS=1
        PEERS_NODE="$node" BROWSER="$here/jsforce/open")
}

# peer_certificate : once, a CA of this run for the servers of peers ($work/peer-ca.pem) and a certificate of it for localhost
# ($work/peer.pem, $work/peer.key).
peer_certificate() {
    [ -f "$work/peer.pem" ] && return 0
    (
        cd "$work" || exit
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=CA of one run of the peers" -keyout peer-ca.key -out peer-ca.pem \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" -keyout peer.key -out peer.csr
        printf '%s\n' 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' \
            'extendedKeyUsage=serverAuth' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' >peer.ext
        openssl x509 -req -in peer.csr -CA peer-ca.pem -CAkey peer-ca.key -CAcreateserial -days 2 -extfile peer.ext -out peer.pem
    ) >"$work/openssl.log" 2>&1
    openssl verify -CAfile "$work/peer-ca.pem" "$work/peer.pem" >/dev/null 2>&1 && return 0
    not_ok openssl "it made no certificate"
    tail_of "$work/openssl.log"
    return 1
}
