#!/usr/bin/env python3
"""Stories told by `grantproof run --agent webdriver`: a Chromium that nobody sits at, on the pages that a server has by itself.

    flows.py BINARY NAME TARGET FOLDER [ARGUMENT…]      (a check for each story of the folder, and that nothing is left of the browser)

From the environment: PASSWORD, which no output may hold. Everything that the browser writes goes into a folder that must be empty in the end.
One line per check: `ok - NAME` or `not ok - NAME: WHY`.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile


def left_behind(folder):
    """Processes that were started for this folder, and files in it."""
    mark = f"TMPDIR={folder}".encode()
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:80])
        except OSError:
            pass  # it has ended, or is not ours
    return found + [path.name for path in pathlib.Path(folder).iterdir()]


def main(binary, name, target, folder, *arguments):
    failed = 0

    def check(title, why):
        nonlocal failed
        failed += bool(why)
        print(f"not ok - {name}: {title}: {why}" if why else f"ok - {name}: {title}", flush=True)

    stories = sorted(str(story) for story in pathlib.Path(folder).glob("*.yaml"))
    with tempfile.TemporaryDirectory() as scratch:
        command = [binary, "run", *stories, "--target", target, "--agent", "webdriver", "--format", "json", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, env={**os.environ, "TMPDIR": scratch})
        left = left_behind(scratch)
    try:
        told = json.loads(done.stdout)["scenarios"]
    except (ValueError, KeyError):
        told = []
    for story in told:
        why = "" if story["status"] == "passed" else f"{story['status']}: {story['reason']}"
        if why:
            for step in story["steps"]:
                checks = [check["detail"] for check in step["checks"] if check["passed"] is False]
                print(f"    {step['title']}: {json.dumps(step['outcome'])[:600]} {checks}", flush=True)
        check(story["name"], why)
    if len(told) != len(stories) or done.returncode != 0:
        check("every story is told", f"{len(told)} of {len(stories)}, exit code {done.returncode}: {(done.stdout[:400] + done.stderr)[-800:]}")
    said = done.stdout + done.stderr
    check("no output holds the password", "it does" if os.environ["PASSWORD"] in said else "")
    check("nothing is left of the browser, its driver and its profile", ", ".join(left))
    return failed == 0


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
