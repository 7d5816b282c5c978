"""Authlib with Flask, unmodified, as an independent authorization server for grantproof's drivers.

From the environment: TLS_CERT and TLS_KEY (files), AUTHLIB_SECRET (of the confidential clients), AUTHLIB_ALICE_PASSWORD, AUTHLIB_JWT_PUBLIC
(file: the public key of the assertions of `signer`). Serves on loopback, on a free port.
Prints one line of JSON when it is ready: {"issuer": "https://localhost:PORT"}. Ends with 0 on SIGTERM.

Authlib has the grants, the checks and the words. What it leaves to the developer is here, as its documentation asks for: a memory of
clients, codes and tokens, and the pages for the person.

Clients: `web` (confidential, HTTP Basic, every grant), `web-post` (secret in the body), `native` (public), `service` (client credentials
alone), `signer` (JWT bearer), `brief` (as `web`, and all that it is given lives for two seconds). User: `alice`.
"""

import html
import json
import os
import pathlib
import secrets
import signal
import sys
import threading
import time
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, jsonify, redirect, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server


def need(name):
    return os.environ.get(name) or sys.exit(f"{name} is not set")


SECRET = need("AUTHLIB_SECRET")
PEOPLE = {"alice": need("AUTHLIB_ALICE_PASSWORD")}
SIGNER = RSAKey.import_key(pathlib.Path(need("AUTHLIB_JWT_PUBLIC")).read_text())
SCOPES = ["openid", "mail"]
JWT_BEARER = JWTBearerGrant.GRANT_TYPE
DEVICE = DeviceCodeGrant.GRANT_TYPE
PATHS = {"authorization": "authorize", "token": "token", "introspection": "introspect", "revocation": "revoke", "userinfo": "userinfo",
         "device_authorization": "device_authorization"}

app = Flask(__name__)
http = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=(need("TLS_CERT"), need("TLS_KEY")))
ISSUER = f"https://localhost:{http.server_port}"
KEY = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)


# --- the memory -------------------------------------------------------------------------------------------------------------------------------


class User(str):
    """A person, by name."""

    def get_user_id(self):
        return str(self)


class Client(ClientMixin):
    def __init__(self, client_id, method, grant_types, scope, brief=False):
        self.client_id, self.method, self.grant_types, self.scope, self.brief = client_id, method, grant_types, scope, brief
        self.client_metadata = {"id_token_signed_response_alg": "RS256"}
        self.id_token_signed_response_alg = "RS256"

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return " ".join(one for one in (scope or "").split() if one in self.scope)

    def check_redirect_uri(self, redirect_uri):
        at = urlsplit(redirect_uri)  # at any port of loopback, as RFC 8252 section 7.3 has it
        return at.hostname == "localhost" and at.path == "/callback"

    def check_client_secret(self, client_secret):
        return self.method != "none" and secrets.compare_digest(SECRET.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method, endpoint):
        return self.method == method if endpoint == "token" else True

    def check_response_type(self, response_type):
        return response_type == "code" and "authorization_code" in self.grant_types

    def check_grant_type(self, grant_type):
        return grant_type in self.grant_types


EVERYTHING = ["authorization_code", "refresh_token", "client_credentials", "password", JWT_BEARER, DEVICE]
CLIENTS = {client.client_id: client for client in (
    Client("web", "client_secret_basic", EVERYTHING, SCOPES),
    Client("web-post", "client_secret_post", EVERYTHING, SCOPES),
    Client("native", "none", ["authorization_code", "refresh_token", DEVICE], SCOPES),
    Client("service", "client_secret_basic", ["client_credentials"], ["mail"]),
    Client("signer", "client_secret_basic", [JWT_BEARER], SCOPES),
    Client("brief", "client_secret_basic", EVERYTHING, SCOPES, brief=True),
)}


class Code(AuthorizationCodeMixin):
    def __init__(self, code, request):
        data = request.payload.data
        self.code, self.client_id, self.user = code, request.client.client_id, request.user
        self.redirect_uri, self.scope, self.nonce = request.payload.redirect_uri, request.payload.scope, data.get("nonce")
        self.code_challenge, self.code_challenge_method = data.get("code_challenge"), data.get("code_challenge_method")
        self.auth_time = int(time.time())
        self.until = time.monotonic() + (2 if request.client.brief else 60)

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return self.auth_time

    def get_acr(self):
        return None

    def get_amr(self):
        return None


class Token(TokenMixin):
    def __init__(self, token, client, user):
        self.access_token, self.refresh_token = token["access_token"], token.get("refresh_token")
        self.client, self.user, self.scope = client, user, token.get("scope") or ""
        self.issued_at, self.expires_in, self.revoked = time.time(), token["expires_in"], False
        self.refresh_until = time.monotonic() + (2 if client.brief else 3600)

    def check_client(self, client):
        return self.client is client

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return self.expires_in

    def is_expired(self):
        return time.time() > self.issued_at + self.expires_in

    def is_revoked(self):
        return self.revoked

    def get_user(self):
        return self.user

    def get_client(self):
        return self.client


CODES, TOKENS, DEVICES, NONCES, SESSIONS = {}, {}, {}, set(), {}


def save_token(token, oauth_request):
    if oauth_request.client.brief:
        token["expires_in"] = 2
    kept = Token(token, oauth_request.client, oauth_request.user)
    TOKENS[kept.access_token] = kept
    if kept.refresh_token:
        TOKENS[kept.refresh_token] = kept


# --- Authlib's parts, with the memory ---------------------------------------------------------------------------------------------------------

app.config.update(OAUTH2_SCOPES_SUPPORTED=SCOPES, OAUTH2_REFRESH_TOKEN_GENERATOR=True)
server = AuthorizationServer(app, query_client=CLIENTS.get, save_token=save_token)
METHODS = ["client_secret_basic", "client_secret_post", "none"]


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code, request):
        CODES[code] = Code(code, request)
        NONCES.add(CODES[code].nonce)

    def query_authorization_code(self, code, client):
        found = CODES.get(code)
        return found if found and found.client_id == client.client_id and time.monotonic() < found.until else None

    def delete_authorization_code(self, authorization_code):
        CODES.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class Identity(OpenIDCode):
    def exists_nonce(self, nonce, request):
        return nonce in NONCES

    def generate_user_info(self, user, scope):
        return user_info(user, scope)

    def get_issuer(self):
        return ISSUER

    def resolve_client_private_key(self, client):
        return KEY

    def get_client_algorithm(self, client):
        return "RS256"

    def get_encode_header(self, client):
        return {"alg": "RS256", "kid": KEY.kid}

    def get_jwt_config(self, grant, client=None):
        return {"key": KEY, "alg": "RS256", "iss": ISSUER, "exp": 300}


class Issuer(IssuerParameter):
    def get_issuer(self):
        return ISSUER


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        found = TOKENS.get(refresh_token)
        usable = found and found.refresh_token == refresh_token and not found.revoked and time.monotonic() < found.refresh_until
        return found if usable else None

    def authenticate_user(self, refresh_token):
        return refresh_token.user

    def revoke_old_credential(self, refresh_token):
        refresh_token.revoked = True


class PasswordGrant(grants.ResourceOwnerPasswordCredentialsGrant):
    def authenticate_user(self, username, password):
        known = PEOPLE.get(username)
        return User(username) if known and secrets.compare_digest(known.encode(), password.encode()) else None


class AssertionGrant(JWTBearerGrant):
    def resolve_issuer_client(self, issuer):
        return CLIENTS.get(issuer)

    def resolve_client_public_key(self, client):
        return SIGNER

    def authenticate_user(self, subject):
        return User(subject) if subject in PEOPLE else None

    def get_audiences(self):
        return [ISSUER, f"{ISSUER}/token"]

    def has_granted_permission(self, client, user):
        return True


class DeviceGrant(DeviceCodeGrant):
    def query_device_credential(self, device_code):
        return DEVICES.get(device_code, {}).get("credential")

    def query_user_grant(self, user_code):
        return next((one.get("grant") for one in DEVICES.values() if one["credential"]["user_code"] == user_code), None)

    def should_slow_down(self, credential):
        one = DEVICES[credential["device_code"]]
        before, one["polled"] = one.get("polled"), time.monotonic()
        return before is not None and one["polled"] - before < credential["interval"] * 0.8


class DeviceStart(DeviceAuthorizationEndpoint):
    INTERVAL = 1

    def get_verification_uri(self):
        return f"{ISSUER}/device"

    def save_device_credential(self, client_id, scope, data):
        if CLIENTS[client_id].brief:
            data["expires_in"] = 2
        credential = DeviceCredentialDict(
            {**data, "client_id": client_id, "scope": scope, "expires_at": time.time() + data["expires_in"]})
        DEVICES[data["device_code"]] = {"credential": credential}


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string, token_type_hint):
        return TOKENS.get(token_string)

    def check_permission(self, token, client, request):
        return token.check_client(client)

    def introspect_token(self, token):
        return {"active": True, "client_id": token.client.client_id, "scope": token.scope, "sub": token.user, "iss": ISSUER,
                "iat": int(token.issued_at), "exp": int(token.issued_at + token.expires_in)}


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string, token_type_hint):
        return TOKENS.get(token_string)

    def revoke_token(self, token, request):
        token.revoked = True


class Bearer(BearerTokenValidator):
    def authenticate_token(self, token_string):
        return TOKENS.get(token_string)


server.register_grant(CodeGrant, [CodeChallenge(required=True), Identity()])
for grant in (RefreshGrant, grants.ClientCredentialsGrant, PasswordGrant, AssertionGrant, DeviceGrant):
    server.register_grant(grant)
for endpoint in (Introspection, Revocation, DeviceStart):
    server.register_endpoint(endpoint)
server.register_extension(Issuer())
protect = ResourceProtector()
protect.register_token_validator(Bearer())


# --- endpoints and pages ----------------------------------------------------------------------------------------------------------------------


def user_info(user, scope):
    return UserInfo(sub=str(user), **({"email": f"{user}@example.test"} if "mail" in (scope or "").split() else {}))


def page(title, inner, status=200):
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
            f"<body><main><h1>{title}</h1>\n{inner}\n</main></body></html>\n"), status


def login_page(failed=False):
    return page("Log In", f"""{'<p role="alert">Wrong username or password</p>' if failed else ''}
<form method="post">
  <p><label for="username">Username</label> <input id="username" name="username" type="text" autocomplete="username" required></p>
  <p><label for="password">Password</label> <input id="password" name="password" type="password" autocomplete="current-password" required></p>
  <p><button type="submit">Log In</button></p>
</form>""")


def consent_page(client, scope):
    return page("Allow Access?", f"""<p>{html.escape(client)} asks for: {html.escape(scope or "nothing")}</p>
<form method="post">
  <button type="submit" name="choice" value="allow">Allow</button>
  <button type="submit" name="choice" value="deny">Deny</button>
</form>""")


def logged_in():
    return SESSIONS.get(request.cookies.get("session"))


def log_in():
    """Answers the login form: the same page again, with a session or with an alert."""
    username, password = request.form.get("username", ""), request.form.get("password", "")
    if not secrets.compare_digest(PEOPLE.get(username, "").encode(), password.encode()) or not password:
        return login_page(failed=True)
    session = secrets.token_urlsafe(32)
    SESSIONS[session] = User(username)
    response = redirect(request.full_path, 303)
    response.set_cookie("session", session, secure=True, httponly=True, samesite="Lax")
    return response


@app.get("/.well-known/oauth-authorization-server")
def metadata():
    return jsonify({
        "issuer": ISSUER, **{f"{name}_endpoint": f"{ISSUER}/{path}" for name, path in PATHS.items()}, "jwks_uri": f"{ISSUER}/jwks",
        "scopes_supported": SCOPES, "response_types_supported": ["code"], "grant_types_supported": EVERYTHING,
        "token_endpoint_auth_methods_supported": METHODS, "code_challenge_methods_supported": ["S256", "plain"],
        "authorization_response_iss_parameter_supported": True, "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
    })


@app.get("/jwks")
def jwks():
    return jsonify(KeySet([KEY]).as_dict(private=False))


@app.route("/authorize", methods=["GET", "POST"])
def authorize():
    user = logged_in()
    if request.method == "POST" and "username" in request.form:
        return log_in()
    try:
        grant = server.get_consent_grant(end_user=user)
    except OAuth2Error as error:
        response = server.handle_error_response(request, error)
        Issuer().add_issuer_parameter(server, response)  # which Authlib itself does for its other answers alone
        return response
    if not user:
        return login_page()
    if request.method == "GET":
        return consent_page(grant.client.client_id, grant.request.payload.scope)
    return server.create_authorization_response(grant_user=user if request.form.get("choice") == "allow" else None, grant=grant)


@app.route("/device", methods=["GET", "POST"])
def device():
    user, code = logged_in(), request.values.get("user_code", "")
    if request.method == "POST" and "username" in request.form:
        return log_in()
    if not user:
        return login_page()
    one = next((one for one in DEVICES.values() if one["credential"]["user_code"] == code), None)
    if not one:
        alert = '<p role="alert">This code does not work</p>' if code else ""
        return page("Connect a Device", alert + """
<form method="post"><label for="user_code">Code</label> <input id="user_code" name="user_code" type="text" required>
  <button type="submit">Connect</button></form>""")
    choice = request.form.get("choice")
    if not choice:
        return page("Confirm the Device", f"""<p>{html.escape(one["credential"]["client_id"])} shows {html.escape(code)}</p>
<form method="post"><input type="hidden" name="user_code" value="{html.escape(code)}">
  <button type="submit" name="choice" value="allow">Allow</button> <button type="submit" name="choice" value="deny">Deny</button></form>""")
    one["grant"] = (user, choice == "allow")
    return page("Connected" if choice == "allow" else "Refused", "<p>You can close this page.</p>")


@app.post("/token")
def token():
    return server.create_token_response()


@app.post("/introspect")
def introspect():
    return server.create_endpoint_response(Introspection.ENDPOINT_NAME)


@app.post("/revoke")
def revoke():
    return server.create_endpoint_response(Revocation.ENDPOINT_NAME)


@app.post("/device_authorization")
def device_authorization():
    return server.create_endpoint_response(DeviceStart.ENDPOINT_NAME)


@app.get("/userinfo")
@protect("openid")
def userinfo():
    bearer = TOKENS[request.headers["authorization"].split(" ")[1]]
    return jsonify(user_info(bearer.user, bearer.scope))


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
threading.Thread(target=http.serve_forever, daemon=True).start()
print(json.dumps({"issuer": ISSUER}), flush=True)
signal.pause()
