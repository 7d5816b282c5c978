"""A person at a real Chromium, by WebDriver: logs in, allows, and notes the page where the journey ends.

    python3 drive.py URL        (environment: WEBDRIVER, USERNAME_AT_ORG, PASSWORD_AT_ORG, PAGE, PROFILE; PROXY, if there is one)

Fields are found by their labels and buttons by their words. Certificates are checked: no capability and no flag says otherwise.
Writes {"callback", "presses", "url", "title", "text"} to the file PAGE, whatever happened.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SERVER = os.environ["WEBDRIVER"]
FIELDS = {"Username": os.environ["USERNAME_AT_ORG"], "Password": os.environ["PASSWORD_AT_ORG"]}
BUTTONS = ("Log In", "Allow")
SECONDS = 40
REFUSALS = 6  # a browser that has just started may judge a certificate before it has read its NSS database; half a second between tries
FLAGS = ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", f"--user-data-dir={os.environ['PROFILE']}"]
if "PROXY" in os.environ:
    FLAGS.append(f"--proxy-server={os.environ['PROXY']}")  # loopback goes past it
if os.geteuid() == 0:
    FLAGS.append("--no-sandbox")  # Chromium's own sandbox does not run as root


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SERVER + path, data, {"content-type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)["value"]


def find(session, xpath):
    return [element[ELEMENT] for element in ask("POST", f"{session}/elements", {"using": "xpath", "value": xpath})]


def fill_and_press(session):
    """Answers the page, if it has a button of ours; says whether it had."""
    for words in BUTTONS:
        pressed = find(session, f"//form//button[normalize-space()='{words}'] | //form//input[@type='submit' and @value='{words}']")
        if pressed:
            for label, value in FIELDS.items():
                for field in find(session, f"//input[@id=//label[normalize-space()='{label}']/@for]"):
                    ask("POST", f"{session}/element/{field}/clear", {})
                    ask("POST", f"{session}/element/{field}/value", {"text": value})
            ask("POST", f"{session}/element/{pressed[0]}/click", {})
            return True
    return False


def main(url):
    callback = parse_qs(urlsplit(url).query).get("redirect_uri", [""])[0]
    options = {"goog:chromeOptions": {"binary": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": FLAGS}}
    session = "/session/" + ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})["sessionId"]
    seen = {"callback": callback, "presses": 0}
    try:
        ask("POST", f"{session}/url", {"url": url})
        until, refusals = time.monotonic() + SECONDS, 0
        while time.monotonic() < until:
            try:
                seen |= {"url": ask("GET", f"{session}/url").split("?")[0], "title": ask("GET", f"{session}/title")}
                seen["text"] = ask("POST", f"{session}/execute/sync", {"script": "return document.body ? document.body.innerText : ''", "args": []})
                if seen["title"] == "Privacy error" and refusals < REFUSALS:
                    refusals += 1
                    time.sleep(0.5)
                    ask("POST", f"{session}/url", {"url": ask("GET", f"{session}/url")})  # nothing of this page has reached its server
                    continue
                if callback and seen["url"] == callback or seen["title"] == "Privacy error":
                    break
                if seen["presses"] > len(BUTTONS) + 1:
                    break  # the same page again and again
                if fill_and_press(session):
                    seen["presses"] += 1
                else:
                    time.sleep(0.1)
            except urllib.error.HTTPError as error:  # an element of the page before; look again
                seen["fault"] = error.read().decode(errors="replace")[:300]
                time.sleep(0.1)
    except urllib.error.HTTPError as error:  # a page that the browser will not show is an error of the navigation
        seen["title"] = error.read().decode(errors="replace")[:300]
    finally:
        with open(os.environ["PAGE"] + ".part", "w", encoding="utf-8") as file:
            json.dump(seen, file)
        os.rename(os.environ["PAGE"] + ".part", os.environ["PAGE"])
        ask("DELETE", session)


main(sys.argv[1])
