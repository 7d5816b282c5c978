"""simple-salesforce, unmodified, as a client of the simulated org: each login that the library has, then a query.

    python flows.py READY.json CREDENTIALS.json        (what `org serve --proxy-port 0` printed; its credentials file)

The library always builds `https://<domain>.salesforce.com`. HTTPS_PROXY names the proxy of the org, which leads those names to it and
nothing anywhere else; REQUESTS_CA_BUNDLE names the org's CA.

One line per check: `ok - NAME` or `not ok - NAME: WHY`; ends with 1 when one is not ok.
"""

import json
import os
import pathlib
import sys

from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

if "HTTPS_PROXY" not in os.environ:
    sys.exit("simple-salesforce runs only behind the proxy of an org: it knows no other hosts than Salesforce's")
CREDENTIALS = json.loads(pathlib.Path(sys.argv[2]).read_text())
APPS = {app["name"]: app for app in CREDENTIALS["apps"]}
HARNESS, LEGACY, JWT = APPS["Harness"], APPS["Legacy"], APPS[CREDENTIALS["jwt"]["app"]]
USER = CREDENTIALS["users"][0]


def use(salesforce):
    """A query with the session that the login gave."""
    answer = salesforce.query("SELECT Id, Name FROM Organization")
    if not answer["done"] or len(answer["records"]) != 1 or not answer["records"][0]["Id"].startswith("00D"):
        raise AssertionError(f"the query gave {json.dumps(answer)}")


def jwt():
    # Posted to My Domain, with the audience that Salesforce documents: `instance_url` names the host, `domain` the audience.
    use(Salesforce(username=USER["username"], consumer_key=JWT["consumer_key"], privatekey=CREDENTIALS["jwt"]["private_key_pem"],
                   domain="login", instance_url="acme.my"))


def password():
    use(Salesforce(username=USER["username"], password=USER["password"] + USER["security_token"], consumer_key=LEGACY["consumer_key"],
                   consumer_secret=LEGACY["consumer_secret"], domain="login"))


def client_credentials():
    use(Salesforce(consumer_key=HARNESS["consumer_key"], consumer_secret=HARNESS["consumer_secret"], domain="acme.my"))


def client_credentials_with_a_wrong_secret():
    refused(lambda: Salesforce(consumer_key=HARNESS["consumer_key"], consumer_secret="wrong", domain="acme.my"), "invalid client credentials")


def soap():
    use(Salesforce(username=USER["username"], password=USER["password"], security_token=USER["security_token"], domain="login"))


def soap_with_a_wrong_password():
    refused(lambda: Salesforce(username=USER["username"], password="not the password", security_token=USER["security_token"], domain="login"), "INVALID_LOGIN")


def refused(login, words):
    try:
        login()
    except SalesforceAuthenticationFailed as error:
        if words not in str(error):
            raise AssertionError(f"refused in other words: {error}") from error
    else:
        raise AssertionError("it was not refused")


def main():
    failed = 0
    for name, check in (
        ("JWT bearer flow", jwt),
        ("username-password flow of the connected app", password),
        ("client credentials flow, secret by HTTP Basic", client_credentials),
        ("client credentials flow with a wrong secret is refused", client_credentials_with_a_wrong_secret),
        ("SOAP login with a security token", soap),
        ("SOAP login with a wrong password is refused", soap_with_a_wrong_password),
    ):
        try:
            check()
            print(f"ok - simple-salesforce: {name}", flush=True)
        except Exception as error:  # whatever the library raises is this check's failure, and the others still run
            failed += 1
            print(f"not ok - simple-salesforce: {name}: {type(error).__name__}: {' '.join(str(error).split())}", flush=True)
    return 1 if failed else 0


sys.exit(main())
