#!/usr/bin/env python3
"""Schemathesis judges what the simulated org answers to requests that no client would send, by `openapi.yaml` beside this file.

    openapi.py READY CREDENTIALS CA        (files of `org serve`)

A second server, which fails on purpose, shows that a failure would be found. One line per check: `ok - NAME` or `not ok - NAME: WHY`.
"""

import base64
import http.server
import json
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent
PROGRAM = pathlib.Path(sys.executable).parent / "schemathesis"
SEED = "20261125"
EXAMPLES = 25  # for an operation
# An answer is described by its status, its type and, for an error, its shape.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def told(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Org:
    def __init__(self, base, ca):
        context = ssl.create_default_context(cafile=ca)
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))

    def token(self, **fields):
        data = urllib.parse.urlencode(fields).encode()
        with self.opener.open(f"{self.base}/services/oauth2/token", data, timeout=20) as answer:
            return json.load(answer)


def known(org, credentials, folder):
    """What is right in this run: a client, a person, tokens of theirs, a device that waits."""
    app = next(app for app in credentials["apps"] if app["name"] == "Harness")
    user = credentials["users"][0]
    key = pathlib.Path(folder) / "key.pem"
    key.write_text(credentials["jwt"]["private_key_pem"], encoding="ascii")
    claims = {"iss": app["consumer_key"], "sub": user["username"], "aud": org.base, "exp": int(time.time()) + 120}
    encode = lambda octets: base64.urlsafe_b64encode(octets).rstrip(b"=")
    message = b".".join(encode(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
    signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=message, capture_output=True, check=True).stdout
    jwt = org.token(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=(message + b"." + encode(signed)).decode())
    device = org.token(response_type="device_code", client_id=app["consumer_key"])
    return {
        "CLIENT_ID": app["consumer_key"], "CLIENT_SECRET": app["consumer_secret"], "REDIRECT_URI": app["callback_urls"][0],
        "USERNAME": user["username"], "PASSWORD": user["password"], "SECURITY_TOKEN": user["security_token"],
        "ACCESS_TOKEN": jwt["access_token"], "REFRESH_TOKEN": jwt.get("refresh_token", "none"), "ID_TOKEN": jwt.get("id_token", "none"),
        "USER_CODE": device["user_code"], "DEVICE_CODE": device["device_code"],
    }


def filled(text, values):
    """A quoted text of the description with its names replaced, as YAML (JSON is YAML)."""
    return json.dumps(re.sub(r"\$\{([A-Z_]+)\}", lambda name: values[name.group(1)], text))


def judge(schema, base, *more):
    command = [PROGRAM, "run", schema, "--url", base, "--seed", SEED, "--max-redirects", "0", "--no-shrink", "--continue-on-failure",
               "--phases", "examples,coverage,fuzzing", "--warnings", "off", *more]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=240, cwd=schema.parent)
    return done.returncode, done.stdout + done.stderr


class Failing(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.send_error(500)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = do_TRACE = answer

    def log_message(self, *_):
        pass


def main(ready, credentials, ca):
    failed = False

    def check(name, why):
        nonlocal failed
        failed = failed or bool(why)
        print(f"not ok - judges: {name}: {why}" if why else f"ok - judges: {name}", flush=True)

    port = told(ready)["base_urls"]["my_domain"].rsplit(":", 1)[1].strip("/")
    org = Org(f"https://localhost:{port}", ca)
    with tempfile.TemporaryDirectory() as folder:
        values = known(org, told(credentials), folder)
        schema = pathlib.Path(folder) / "openapi.yaml"
        template = (HERE / "openapi.yaml").read_text(encoding="utf-8")
        schema.write_text(re.sub(r"'([^'\n]*\$\{[^'\n]*)'", lambda text: filled(text.group(1), values), template), encoding="utf-8")
        code, said = judge(schema, org.base, "--tls-verify", pathlib.Path(ca).resolve(), "--checks", CHECKS, "--max-examples", EXAMPLES)
        for name, value in values.items():
            said = said.replace(value, f"${name}")
        counted = re.search(r"Test cases:\s*\n?\s*(\d+) generated", said) or re.search(r"(\d+) (?:test cases|generated)", said)
        count = int(counted.group(1)) if counted else 0
        check("Schemathesis finds no 5xx, and no answer of another kind than is described", "" if code == 0 else f"exit code {code}; its report follows")
        if code:
            print("\n".join(f"    {line}" for line in said.splitlines()[-120:]), flush=True)
        check("Schemathesis sent hundreds of requests", "" if count > 300 else f"{count}")
        alive = org.token(grant_type="client_credentials", client_id=values["CLIENT_ID"], client_secret=values["CLIENT_SECRET"])
        check("the org still grants tokens after that", "" if alive.get("access_token") else "it does not")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Failing)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code, said = judge(schema, f"http://127.0.0.1:{server.server_port}", "--checks", "not_a_server_error", "--max-examples", "1",
                           "--include-path", "/services/oauth2/token")
        check("Schemathesis finds the 5xx of a server that has them", "" if code == 1 and "Server error" in said else f"exit code {code}: {said[-400:]}")
    return not failed


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
