"""simple-salesforce, unmodified, as a client of the simulated org: each login that the library has, then a query.

    python flows.py READY.json CREDENTIALS.json        (what `org serve` printed; its credentials file)

The library always builds `https://<domain>.salesforce.com`. It takes a `requests` session, though, and a session takes an adapter for a
prefix: `Loopback` below sends what is meant for a Salesforce host to the port of the same kind of host on this machine. So nothing of
the library is changed, nothing leaves the machine, and the certificate is verified for the name that is really asked, `localhost`.
REQUESTS_CA_BUNDLE names the org's CA.

One line per check: `ok - NAME` or `not ok - NAME: WHY`; ends with 1 when one is not ok.
"""

import json
import pathlib
import sys
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

READY, CREDENTIALS = (json.loads(pathlib.Path(name).read_text()) for name in sys.argv[1:3])
LOGIN, MY_DOMAIN = (urlsplit(READY["base_urls"][kind]).port for kind in ("login", "my_domain"))
APPS = {app["name"]: app for app in CREDENTIALS["apps"]}
HARNESS, LEGACY, JWT = APPS["Harness"], APPS["Legacy"], APPS[CREDENTIALS["jwt"]["app"]]
USER = CREDENTIALS["users"][0]
SECONDS = 20


class Loopback(HTTPAdapter):
    """Sends each request to one port of `localhost`, whatever host it names."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def send(self, request, **options):
        request.url = urlunsplit(urlsplit(request.url)._replace(scheme="https", netloc=f"localhost:{self.port}"))
        options["timeout"] = SECONDS
        return super().send(request, **options)


class Nowhere(BaseAdapter):
    """Answers for every host that this test does not know: nothing may leave the machine."""

    def send(self, request, **_options):
        raise requests.ConnectionError(f"{urlsplit(request.url).hostname} is not on this machine")

    def close(self):
        pass


def session():
    made = requests.Session()
    made.trust_env = True  # REQUESTS_CA_BUNDLE
    made.mount("https://", Nowhere())
    made.mount("http://", Nowhere())
    made.mount("https://login.salesforce.com", Loopback(LOGIN))
    made.mount("https://acme.my.salesforce.com", Loopback(MY_DOMAIN))
    made.mount("https://localhost:", HTTPAdapter())  # the instance, as the org names it
    return made


def use(salesforce):
    """A query with the session that the login gave."""
    answer = salesforce.query("SELECT Id, Name FROM Organization")
    if not answer["done"] or len(answer["records"]) != 1 or not answer["records"][0]["Id"].startswith("00D"):
        raise AssertionError(f"the query gave {json.dumps(answer)}")


def jwt():
    # Posted to My Domain, with the audience that Salesforce documents: `instance_url` names the host, `domain` the audience.
    use(Salesforce(username=USER["username"], consumer_key=JWT["consumer_key"], privatekey=CREDENTIALS["jwt"]["private_key_pem"],
                   domain="login", instance_url="acme.my", session=session()))


def password():
    use(Salesforce(username=USER["username"], password=USER["password"] + USER["security_token"], consumer_key=LEGACY["consumer_key"],
                   consumer_secret=LEGACY["consumer_secret"], domain="login", session=session()))


def client_credentials():
    use(Salesforce(consumer_key=HARNESS["consumer_key"], consumer_secret=HARNESS["consumer_secret"], domain="acme.my", session=session()))


def client_credentials_at_the_login_host():
    # The library itself refuses `login` and `test`; a third name for the shared host reaches the org's rule.
    to = session()
    to.mount("https://shared.salesforce.com", Loopback(LOGIN))
    refused(lambda: Salesforce(consumer_key=HARNESS["consumer_key"], consumer_secret=HARNESS["consumer_secret"], domain="shared", session=to),
            "request not supported on this domain")


def soap():
    use(Salesforce(username=USER["username"], password=USER["password"], security_token=USER["security_token"], domain="login", session=session()))


def soap_with_a_wrong_password():
    refused(lambda: Salesforce(username=USER["username"], password="not the password", security_token=USER["security_token"], domain="login",
                               session=session()), "INVALID_LOGIN")


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
        ("client credentials flow at the shared login host is refused", client_credentials_at_the_login_host),
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
