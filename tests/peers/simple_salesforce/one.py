"""One flow by simple-salesforce, unmodified, as a program of its own would run it: what goes wrong is not caught.

    python one.py FLOW CREDENTIALS.json        FLOW: jwt, cc
"""

import json
import pathlib
import sys

from simple_salesforce import Salesforce

FLOW, FILE = sys.argv[1:3]
CREDENTIALS = json.loads(pathlib.Path(FILE).read_text())
APP, USER = CREDENTIALS["apps"][0], CREDENTIALS["users"][0]

if FLOW == "jwt":
    salesforce = Salesforce(username=USER["username"], consumer_key=APP["consumer_key"], privatekey=CREDENTIALS["jwt"]["private_key_pem"],
                            domain="login", instance_url="acme.my")
else:
    salesforce = Salesforce(consumer_key=APP["consumer_key"], consumer_secret=APP["consumer_secret"], domain="acme.my")
salesforce.query("SELECT Id, Name FROM Organization")
print("granted")
