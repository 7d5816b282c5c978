#!/usr/bin/env python3
"""sslscan judges the TLS of the simulated org, host by host.

    tls.py READY CERTIFICATE KEY        (the ready line of `org serve`; a certificate for a server of this script that it must tell apart)

One line per check: `ok - NAME` or `not ok - NAME: WHY`.
"""

import concurrent.futures
import json
import socket
import ssl
import subprocess
import sys
import threading
import xml.etree.ElementTree as xml


def scan(port):
    command = ["sslscan", "--xml=-", "--no-colour", "--no-heartbleed", "--no-groups", f"localhost:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    try:
        return xml.fromstring(done.stdout).find("ssltest")
    except xml.ParseError as error:
        sys.exit(f"sslscan: {error}: {done.stdout[:300]} {done.stderr[:300]}")


def protocols(seen):
    return sorted(f"{one.get('type')} {one.get('version')}" for one in seen.findall("protocol") if one.get("enabled") == "1")


def weaknesses(seen):
    ciphers = seen.findall("cipher")
    found = [one.get("cipher") for one in ciphers if one.get("strength") not in ("strong", "acceptable") or int(one.get("bits")) < 128]
    for name in ("compression", "renegotiation"):
        one = seen.find(name)
        if one is not None and one.get("supported") != "0" and one.get("secure") != "1":
            found.append(name)
    return found if ciphers else ["it finds no cipher"]


def only_1_2(certificate, key):
    """A server of another kind: what is said of the org must not be said of everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 0))

    def answer(connection):
        try:
            context.wrap_socket(connection, server_side=True).close()
        except (ssl.SSLError, OSError):
            connection.close()

    def serve():
        while True:
            threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


def main(ready, certificate, key):
    with open(ready, encoding="utf-8") as file:
        told = json.load(file)
    hosts = {f"{host.replace('_', ' ')} host": url.rsplit(":", 1)[1].strip("/") for host, url in told["base_urls"].items()}
    hosts["second door"] = told["admin_url"].rsplit(":", 1)[1].strip("/")
    other = only_1_2(certificate, key)
    failed = False

    def check(name, why):
        nonlocal failed
        failed = failed or bool(why)
        print(f"not ok - judges: {name}: {why}" if why else f"ok - judges: {name}", flush=True)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        *scans, control = pool.map(scan, [*hosts.values(), other])
    for host, seen in zip(hosts, scans):
        found, weak = protocols(seen), weaknesses(seen)
        check(f"sslscan finds TLS 1.2 and 1.3 only on the {host}", "" if found == ["tls 1.2", "tls 1.3"] else f"it finds {found}")
        check(f"sslscan finds no weak cipher on the {host}", ", ".join(weak))
    found = protocols(control)
    check("sslscan tells a server without TLS 1.3 from it", "" if found == ["tls 1.2"] else f"it finds {found}")
    return not failed


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
