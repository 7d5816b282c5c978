"""The JWT bearer flow by CumulusCI, unmodified, as a program of its own would run it: what goes wrong is not caught.

    python one.py CREDENTIALS.json

It is what `cci` does for an org that it knows, where SFDX_CLIENT_ID and SFDX_HUB_KEY are set.
"""

import json
import pathlib
import sys

from cumulusci.core.config import OrgConfig
from cumulusci.oauth.salesforce import jwt_session

MY_DOMAIN = "https://acme.my.salesforce.com"
CREDENTIALS = json.loads(pathlib.Path(sys.argv[1]).read_text())

config = OrgConfig(jwt_session(CREDENTIALS["apps"][0]["consumer_key"], CREDENTIALS["jwt"]["private_key_pem"],
                               CREDENTIALS["users"][0]["username"], MY_DOMAIN), "peer")
config.populate_expiration_date()
config.salesforce_client.query("SELECT Id, Name FROM Organization")
print("granted")
