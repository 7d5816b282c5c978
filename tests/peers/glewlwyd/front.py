"""Glewlwyd behind a front of its own: TLS, and pages of forms in the place of its login page, which is a program in JavaScript.

All but `/login.html` is passed on, octet by octet. The pages call what glewlwyd's own page calls: `/api/auth/` with the password,
`/api/auth/grant/CLIENT` with the scopes that the person allows; then they go on to `callback_url` with `g_continue`.
"""

import html
import http.client
import http.server
import json
import socket
import ssl
import threading
import urllib.parse

COOKIE = "GLEWLWYD2_SESSION_ID"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def page(title, inner):
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
            f"<body><main><h1>{title}</h1>\n{inner}\n</main></body></html>\n").encode()


def login_form(failed):
    return page("Log In", f"""{'<p role="alert">Wrong username or password</p>' if failed else ''}
<form method="post">
  <p><label for="username">Username</label> <input id="username" name="username" type="text" autocomplete="username" required></p>
  <p><label for="password">Password</label> <input id="password" name="password" type="password" autocomplete="current-password" required></p>
  <p><button type="submit">Log In</button></p>
</form>""")


def consent_form(client, scope):
    return page("Allow Access?", f"""<p>{html.escape(client)} asks for: {html.escape(scope)}</p>
<form method="post">
  <button type="submit" name="choice" value="allow">Allow</button>
  <button type="submit" name="choice" value="deny">Deny</button>
</form>""")


def code_form(action, failed):
    return page("Connect a Device", f"""{'<p role="alert">This code does not work</p>' if failed else ''}
<form method="get" action="{html.escape(action)}">
  <label for="code">Code</label> <input id="code" name="code" type="text" required> <button type="submit">Continue</button>
</form>""")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    inner = None  # the port of glewlwyd

    def log_message(self, *_):
        pass

    def ask(self, method, path, body=None, headers=None):
        """One request to glewlwyd: status, header fields, content."""
        connection = http.client.HTTPConnection("127.0.0.1", self.inner, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def api(self, method, path, body=None):
        headers = {"content-type": "application/json", "cookie": self.headers.get("cookie", "")}
        return self.ask(method, path, None if body is None else json.dumps(body).encode(), headers)

    def content(self):
        return self.rfile.read(min(int(self.headers.get("content-length") or 0), 1_000_000))

    def answer(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def show(self, content):
        self.answer(200, [("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")], content)

    def go(self, address, headers=()):
        self.answer(303, [("location", address), *headers], b"")

    def pass_on(self):
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        self.answer(*self.ask(self.command, self.path, self.content() or None, headers))

    do_PUT = do_DELETE = do_HEAD = do_OPTIONS = pass_on

    def do_GET(self):
        at = urllib.parse.urlsplit(self.path)
        if at.path != "/login.html":
            return self.pass_on()
        query = dict(urllib.parse.parse_qsl(at.query))
        prompt, back = query.get("prompt", ""), query.get("callback_url", "")
        if prompt in ("device", "deviceCodeError"):
            return self.show(code_form(back.split("?")[0], prompt == "deviceCodeError"))
        if prompt == "deviceComplete":
            return self.show(page("Connected", "<p>You can close this page.</p>"))
        if prompt == "deviceServerError" or not back:
            return self.show(page("Error", "<p>Something went wrong</p>"))
        if self.api("GET", "/api/profile_list")[0] != 200:
            return self.show(login_form(False))
        return self.show(consent_form(query.get("client_id", ""), query.get("scope", "")))

    def do_POST(self):
        at = urllib.parse.urlsplit(self.path)
        if at.path != "/login.html":
            return self.pass_on()
        query, form = dict(urllib.parse.parse_qsl(at.query)), dict(urllib.parse.parse_qsl(self.content().decode()))
        if "choice" in form:
            scope = query.get("scope", "") if form["choice"] == "allow" else ""
            self.api("PUT", f"/api/auth/grant/{urllib.parse.quote(query.get('client_id', ''))}", {"scope": scope})
            back = query.get("callback_url", "")
            return self.go(f"{back}{'&' if '?' in back else '?'}g_continue")
        status, headers, _ = self.api("POST", "/api/auth/", {"username": form.get("username", ""), "password": form.get("password", "")})
        if status != 200:
            return self.show(login_form(True))
        return self.go(self.path, [header for header in headers if header[0].lower() == "set-cookie" and COOKIE in header[1]])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, family, port, context):
        self.address_family, self.context = family, context
        super().__init__(("127.0.0.1" if family == socket.AF_INET else "::1", port), Handler)

    def get_request(self):
        plain, address = super().get_request()
        plain.settimeout(30)
        return self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_):
        pass  # a client that went away


def listen(cert, key):
    """A front on a port of the kernel's choice, on IPv4 loopback. It answers once `begin` was called."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return Server(socket.AF_INET, 0, context)


def begin(server, inner):
    """Lets the front answer, with glewlwyd at the port `inner`."""
    Handler.inner = inner
    threading.Thread(target=server.serve_forever, daemon=True).start()
