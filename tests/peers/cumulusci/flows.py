"""CumulusCI, unmodified, as a client of the simulated org: what `cci org connect` and `cci org info` do, by the same classes.

    python flows.py READY.json CREDENTIALS.json        (what `org serve --proxy-port 0` printed; its credentials file)

HTTPS_PROXY names the proxy of the org, REQUESTS_CA_BUNDLE its CA, BROWSER the scripted person. (`cci` itself asks PyPI for a newer version
of itself, which is none of the org's business.) One line per check; ends with 1 when one is not ok.
"""

import json
import logging
import os
import pathlib
import socket
import ssl
import sys
import urllib.request

from cumulusci.cli.org import setup_client
from cumulusci.core.config import OrgConfig, ServiceConfig
from cumulusci.core.exceptions import SalesforceCredentialsException
from cumulusci.oauth.salesforce import jwt_session

MY_DOMAIN = "https://acme.my.salesforce.com"


class Org:
    """The served org as its files tell."""

    def __init__(self, ready, credentials):
        self.ready, self.credentials = (json.loads(pathlib.Path(name).read_text()) for name in (ready, credentials))
        self.apps = {app["name"]: app for app in self.credentials["apps"]}
        self.user = self.credentials["users"][0]
        os.environ["PERSON_USERNAME"], os.environ["PERSON_PASSWORD"] = self.user["username"], self.user["password"]

    def change(self, app, key, value):
        """Changes a setting of an app, as an administrator would in Setup."""
        body = json.dumps({"app": app, "key": key, "value": value}).encode()
        headers = {"authorization": f"Bearer {self.credentials['door_token']}", "content-type": "application/json"}
        request = urllib.request.Request(f"{self.ready['admin_url']}/change", body, headers)
        context = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            answer.read()

    def connected_app(self, name, callback):
        """The service that `cci service connect connected_app` keeps."""
        app = self.apps[name]
        return ServiceConfig({"client_id": app["consumer_key"], "client_secret": app["consumer_secret"], "callback_url": callback,
                              "login_url": MY_DOMAIN})

    def jwt(self, name, url=None):
        """JWT bearer, as with SFDX_CLIENT_ID and SFDX_HUB_KEY."""
        return jwt_session(self.apps[name]["consumer_key"], self.credentials["jwt"]["private_key_pem"], self.user["username"], url)

    def web(self, name):
        """The web server flow of `cci org connect`, with its callback on a free port. Returns the service and the token response."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            callback = f"http://localhost:{free.getsockname()[1]}/callback"
        self.change(name, "callbackUrl", [callback])
        service = self.connected_app(name, callback)
        client = setup_client(service, MY_DOMAIN, False)
        client.httpd_timeout = 30
        return service, client.auth_code_flow(prompt="login")


def use(org, answer, service=None):
    """User, organization and a query, with what a login gave."""
    config = OrgConfig(answer, "peer")
    if service:
        config.refresh_oauth_token(None, connected_app=service)
    else:
        config.load_userinfo()
        config._load_orginfo()
    config.populate_expiration_date()
    if config.username != org.user["username"]:
        raise AssertionError(f"logged in as {config.username}")
    found = config.salesforce_client.query("SELECT Id, Name FROM Organization")
    if not found["done"] or [row["Id"] for row in found["records"]] != [config.org_id]:
        raise AssertionError(f"the query gave {json.dumps(found)}")


def jwt_with_a_wrong_key(org):
    org.credentials["jwt"] = dict(org.credentials["jwt"], private_key_pem=os.popen("openssl genrsa 2048 2>/dev/null").read())
    try:
        org.jwt("Legacy")
    except SalesforceCredentialsException as error:
        if "invalid" not in str(error):
            raise AssertionError(f"refused in other words: {error}") from error
    else:
        raise AssertionError("it was not refused")


def main():
    logging.disable(logging.CRITICAL)
    org = Org(*sys.argv[1:3])
    failed = 0
    for name, check in (
        ("JWT bearer flow of a connected app at the login host", lambda: use(org, org.jwt("Legacy"))),
        ("web server flow without PKCE, then the refresh that each command begins with", lambda: use(org, *reversed(org.web("Legacy")))),
        ("JWT bearer flow with a wrong key is refused", lambda: jwt_with_a_wrong_key(org)),
    ):
        try:
            check()
            print(f"ok - cumulusci: {name}", flush=True)
        except Exception as error:  # whatever the library raises is this check's failure, and the others still run
            failed += 1
            print(f"not ok - cumulusci: {name}: {type(error).__name__}: {' '.join(str(error).split())}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
