"""The stories of one authorization server, told by `grantproof run`, and what it says under each of its policies as a part of a table.

    servers.py run BINARY NAME FOLDER TARGET DATA [JOBS]  (a check for each story of the folder; what the policies answered is added to DATA)
    servers.py table NAME DATA TABLE                      (a check: the part of the table about the server is what DATA says)

A step of a story `policies*.yaml` with a title of the list below is a row. With PEERS_TABLES=write the table is written, not compared.
One line per check: `ok - NAME` or `not ok - NAME: WHY`.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

POLICIES = (
    "redirect URI not registered", "redirect URI differs at the token endpoint", "client not registered, at the authorization endpoint",
    "client not registered, at the token endpoint", "PKCE required of a confidential client", "PKCE required of a public client",
    "PKCE verifier wrong", "PKCE verifier missing", "grant not allowed for the client, at the authorization endpoint",
    "grant not allowed for the client, at the token endpoint", "grant type unknown", "response type unknown",
    "scope not allowed, at the authorization endpoint", "scope not allowed, at the token endpoint", "client secret wrong", "client secret missing",
    "client authentication method not registered", "code expired", "code redeemed twice", "refresh token reused",
    "refresh token after a reuse", "refresh token expired", "refresh token revoked", "scope wider than the refresh token's", "device code expired",
    "device code unknown", "device polls too fast", "the person refuses", "the person refuses the device",
    "password wrong on the login page", "password wrong at the token endpoint", "no session and prompt=none",
    "assertion for another audience", "assertion expired by the server's clock", "assertion signed by another key",
    "assertion for an unknown person", "access token unknown to userinfo", "access token expired at userinfo",
)
# Why a server has no row.
WITHOUT = {
    "oidc-provider": {
        "scope not allowed, at the authorization endpoint": "a scope that it does not know is left out of what it grants",
        "device polls too fast": "it never says so",
        "password wrong at the token endpoint": "no such grant",
        "assertion": "no such grant",
    },
    "glewlwyd": {
        "the person refuses the device": "its page has no way to refuse",
        "assertion": "no such grant",
    },
    "Authlib": {"no session and prompt=none": "left to the developer"},
}


def run(binary, name, folder, target, data, jobs="4"):
    stories = sorted(pathlib.Path(folder).glob("*.yaml"))
    command = [binary, "run", "--target", target, "--jobs", jobs]
    done = subprocess.run([*command, "--format", "json", *map(str, stories)], capture_output=True, text=True, timeout=240)
    try:
        told = {pathlib.Path(one["file"]).name: one for one in json.loads(done.stdout)["scenarios"]}
    except (ValueError, KeyError):
        told = {}
        print("".join(f"    {line}\n" for line in (done.stdout + done.stderr).splitlines()[:60]), end="")
    all_passed = done.returncode == 0
    for story in stories:
        one = told.get(story.name, {"status": "not told", "steps": []})
        title = f"{name}: {re.search('^story: (.*)$', story.read_text(), re.MULTILINE).group(1)}"
        if one["status"] == "passed" and one["steps"]:
            print(f"ok - {title}", flush=True)
        else:
            all_passed = False
            print(f"not ok - {title}: {one['status']} (exit code {done.returncode}){reason(one)}; {story.name} again, in words:")
            again = subprocess.run([*command, str(story)], capture_output=True, text=True, timeout=120)
            print("".join(f"    {line}\n" for line in (again.stdout + again.stderr).splitlines()[:60]), end="", flush=True)
        if story.name.startswith("policies"):
            note(one["steps"], data)
    return all_passed and bool(stories)


def reason(scenario):
    """What differed at the step that ended the story."""
    step = next((step for step in scenario["steps"] if step["mismatches"]), None)
    if step is None:
        return ""
    differ = "; ".join(f"{one['what']}: expected {one['expected']}, found {one['found']}" for one in step["mismatches"])
    return f", {step['title']}: {differ}"


def note(steps, data):
    with open(data, "a", encoding="utf-8") as file:
        for step in steps:
            if step["title"] in POLICIES:
                row = {"policy": step["title"], "said": said(step), "named": named(step)}
                file.write(json.dumps(row) + "\n")


def said(step):
    """What the server answered, without what changes from run to run."""
    outcome = step["outcome"]
    if outcome["name"] == "granted":
        for use in step["uses"]:
            if (use["status"] or 0) >= 400:
                return f"granted; then {use['at']}: {use['status']} {code_of(use)}"
        return f"granted, with `scope={outcome['scope']}`" if outcome["scope"] else "granted"
    answered = [one["received"]["status"] for one in step["exchanges"] if one["received"]]
    if outcome["error"]:
        sentence = outcome["error_description"]
        sentence = f' "{normal(sentence)}"' if sentence else ""
        status = f"{answered[-1]} " if outcome["at"] == "token" else ""
        return f"{outcome['at']}: {status}`{outcome['error']}`{sentence}"
    if outcome["at"] == "page":
        return "the login page again" if answered[-1] == 200 else f"authorize: {answered[-1]} and no page"
    return f"{outcome['at']}: {answered[-1]} and no content"


def code_of(use):
    return f"`{use['error']}`" if use["error"] else "and no content"


def named(step):
    """The causes, the first one first, with how sure it is."""
    causes = [f"`{one['cause']}`" for one in (step["diagnosis"] or {}).get("candidates", [])]
    if not causes:
        return "—"
    certainty = step["diagnosis"]["candidates"][0]["certainty"]
    rest = f"; then {', '.join(causes[1:])}" if causes[1:] else ""
    return f"{causes[0]} ({certainty}){rest}"


def normal(text):
    return re.sub(r":\d{4,5}\b", ":PORT", text).replace("|", "\\|")


def part_of(name, data):
    rows = {}
    for line in pathlib.Path(data).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(row["policy"], row)
    lines = [f"## {name}", "", "| policy | the server answers | causes named |", "|---|---|---|"]
    for policy in POLICIES:
        if policy in rows:
            lines.append(f"| {policy} | {rows[policy]['said']} | {rows[policy]['named']} |")
        else:
            why = next((why for begin, why in WITHOUT.get(name, {}).items() if policy.startswith(begin)), "")
            lines.append(f"| {policy} | n/a{': ' + why if why else ''} | |")
    return "\n".join(lines) + "\n"


def table(name, data, path):
    path = pathlib.Path(path)
    parts = re.split(r"(?m)^(?=## )", path.read_text(encoding="utf-8"))
    new = part_of(name, data)
    at = next((at for at, part in enumerate(parts) if part.startswith(f"## {name}\n")), None)
    is_last = at is None or at == len(parts) - 1
    if os.environ.get("PEERS_TABLES") == "write":
        if at is None:
            parts[-1] = parts[-1].rstrip("\n") + "\n\n"
            parts.append(new)
        else:
            parts[at] = new if is_last else new + "\n"
        path.write_text("".join(parts), encoding="utf-8")
    if at is not None and parts[at].rstrip("\n") == new.rstrip("\n"):
        print(f"ok - {name}: tables/{path.name} says what the server said")
        return True
    if os.environ.get("PEERS_TABLES") == "write":
        print(f"ok - {name}: tables/{path.name} was written")
        return True
    print(f"not ok - {name}: tables/{path.name} says what the server said: it differs (PEERS_TABLES=write writes it)")
    old = parts[at].splitlines() if at is not None else []
    for line in new.splitlines():
        if line not in old:
            print(f"    now {line}")
    return False


def main():
    verb, *rest = sys.argv[1:]
    return {"run": run, "table": table}[verb](*rest)


sys.exit(0 if main() else 1)
