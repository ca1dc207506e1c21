"""Credentials: found where botocore finds them, fetched from container and instance endpoints, kept fresh, never shown.

Every setting is tried with Vigil and with botocore in the same environment; both must find the same keys, or none.
"""

import datetime
import http.server
import json
import os
import subprocess
import sys
import threading
import time
from unittest import mock

from e2e import TMP, check, equal, finish, skip

try:
    import botocore.session
except ImportError:
    skip("python3-botocore is not installed")

TOOL = sys.argv[3]
HOME = TMP / "home"
NOTHING = {"AWS_EC2_METADATA_DISABLED": "true"}


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Container and instance endpoint in one; what it does is set on the class."""

    lifetime_s = 3600
    failures = 0  # answers of status 500 before the good ones
    asked = []
    code = "Success"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def keys(self):
        count = len([path for path in Endpoint.asked if path in ("/container", "/latest/meta-data/iam/security-credentials/the-role")])
        until = datetime.datetime.utcnow() + datetime.timedelta(seconds=self.lifetime_s)
        return json.dumps({"Code": self.code, "Type": "AWS-HMAC", "AccessKeyId": f"ASIA{count}", "SecretAccessKey": "s/e+c=",
                           "Token": "t/o+k=", "LastUpdated": "2026-01-01T00:00:00Z",
                           "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ")}, indent=1).replace("/", "\\/").encode()

    def do_PUT(self):
        Endpoint.asked.append("token")
        good = self.path == "/latest/api/token" and int(self.headers["X-aws-ec2-metadata-token-ttl-seconds"]) > 0
        self.answer(200 if good else 403, b"the-token==" if good else b"")

    def do_GET(self):
        if Endpoint.failures > 0:
            Endpoint.failures -= 1
            Endpoint.asked.append("failed")
            return self.answer(500, b"")
        Endpoint.asked.append(self.path)
        if self.path == "/container":
            return self.answer(200, self.keys()) if self.headers["Authorization"] == "Basic let me in" else self.answer(401, b"")
        if self.headers["X-aws-ec2-metadata-token"] != "the-token==":
            return self.answer(401, b"")
        role = "/latest/meta-data/iam/security-credentials/"
        return self.answer(200, b"the-role") if self.path == role else self.answer(200 if self.path == role + "the-role" else 404, self.keys())

    def log_message(self, *_):
        pass


def reset(**settings):
    Endpoint.lifetime_s, Endpoint.failures, Endpoint.code = 3600, 0, "Success"
    Endpoint.asked.clear()
    for name, value in settings.items():
        setattr(Endpoint, name, value)


def clean(env):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and "proxy" not in k.lower()}
    return {**kept, "HOME": str(HOME), **env}


def ours(env, times=1):
    result = subprocess.run([TOOL, "credentials", str(times)], env=clean(env), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=60)
    return [json.loads(line) for line in result.stdout.splitlines()]


def theirs(env):
    with mock.patch.dict(os.environ, clean(env), clear=True):
        try:
            found = botocore.session.Session().get_credentials()
            return found and (found.access_key, found.secret_key, found.token)
        except Exception:
            return None


def same(what, env, expected):
    reset()
    mine = ours(env)[0]
    found = None if "error" in mine else (mine["access_key"], mine["secret_key"], mine.get("session_token"))
    equal(found, expected, what)
    reset()
    equal(theirs(env), expected, what + ": botocore agrees")
    return mine.get("error", "")


def files(credentials=None, config=None):
    (HOME / ".aws").mkdir(parents=True, exist_ok=True)
    for name, text in (("credentials", credentials), ("config", config)):
        path = HOME / ".aws" / name
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)


def environment_and_files():
    files()
    error = same("nothing anywhere", NOTHING, None)
    for place in ("AWS_ACCESS_KEY_ID", "profile default", "container endpoint", "instance metadata"):
        check(place in error, f"the error names {place}", error)
    env = {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK/+=", **NOTHING}
    same("environment", env, ("AK", "SK/+=", None))
    same("environment with a session", {**env, "AWS_SESSION_TOKEN": "T"}, ("AK", "SK/+=", "T"))
    same("environment with half a pair", {"AWS_ACCESS_KEY_ID": "AK", **NOTHING}, None)
    files("[default]\naws_access_key_id = FD\naws_secret_access_key=SD\n[other]\nAWS_ACCESS_KEY_ID: FO\n"
          "aws_secret_access_key = SO\naws_session_token = TO\n",
          "[default]\nregion = eu-west-1\ns3 =\n  aws_access_key_id = NO\n[profile third]\naws_access_key_id = FT\n"
          "aws_secret_access_key = ST\n[profile \"with blank\"]\naws_access_key_id = FB\naws_secret_access_key = SB\n"
          "[profile other]\naws_access_key_id = NO\naws_secret_access_key = NO\n[profile bare]\nregion = r\n")
    same("default profile", NOTHING, ("FD", "SD", None))
    same("the environment beats files", env, ("AK", "SK/+=", None))
    same("AWS_PROFILE; credentials before config", {"AWS_PROFILE": "other", **NOTHING}, ("FO", "SO", "TO"))
    same("a profile of the config file", {"AWS_PROFILE": "third", **NOTHING}, ("FT", "ST", None))
    same("a profile with a blank", {"AWS_PROFILE": "with blank", **NOTHING}, ("FB", "SB", None))
    same("a profile without keys", {"AWS_PROFILE": "bare", **NOTHING}, None)
    error = same("a profile that is nowhere", {"AWS_PROFILE": "nobody", **NOTHING}, None)
    check("nobody" in error, "the error names the profile", error)
    moved = TMP / "moved"
    moved.write_text("[default]\naws_access_key_id = FM\naws_secret_access_key = SM\n")
    same("AWS_SHARED_CREDENTIALS_FILE", {"AWS_SHARED_CREDENTIALS_FILE": str(moved), **NOTHING}, ("FM", "SM", None))
    files(None, "[default]\naws_access_key_id = FC\naws_secret_access_key = SC\n")
    same("only a config file", NOTHING, ("FC", "SC", None))
    files("[default]\naws_access_key_id = FH\n")
    same("half a pair in a file", NOTHING, None)
    files("[default]\naws_access_key_id = FH\naws_secret_access_key = VERYSECRET\nnonsense VERYSECRET\n")
    error = same("a broken file", NOTHING, None)
    check("credentials, line 4" in error and "SECRET" not in error, "the error names file and line, not what is there", error)
    files(None, "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = y\n")
    error = ours(NOTHING)[0]["error"]
    check("role_arn" in error and "not supported" in error, "another means is named", error)
    error = ours({"AWS_WEB_IDENTITY_TOKEN_FILE": "/x", **NOTHING})[0]["error"]
    check("web identity is not supported" in error, "web identity is named", error)
    error = ours({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "VERY SECRET\n", **NOTHING})[0]["error"]
    check("blank" in error and "SECRET\n" not in error, "a key with a blank is refused, and not shown", error)


def endpoints(address):
    files()
    container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": address + "/container",
                 "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic let me in", **NOTHING}
    instance = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": address}
    same("container endpoint", container, ("ASIA1", "s/e+c=", "t/o+k="))
    same("instance metadata", instance, ("ASIA1", "s/e+c=", "t/o+k="))
    same("instance metadata with a slash", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": address + "/"}, ("ASIA1", "s/e+c=", "t/o+k="))
    reset()
    token = TMP / "token"
    token.write_text("Basic let me in\n")
    env = {k: v for k, v in container.items() if k != "AWS_CONTAINER_AUTHORIZATION_TOKEN"}
    equal(ours({**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)})[0].get("access_key"), "ASIA1", "a token in a file")
    check("401" in ours(env)[0]["error"], "without the token: refused")
    reset(failures=2)
    equal(ours(container)[0].get("access_key"), "ASIA1", "two failures of the endpoint are overcome")
    reset(failures=100)
    check("500" in ours(container)[0]["error"] and len(Endpoint.asked) == 3, "three attempts, no more", Endpoint.asked)
    reset(code="AssumeRoleUnauthorizedAccess")
    check("error" in ours(instance)[0], "a Code that is not Success is no success")
    for uri in ("http://evil.example/x", "http://127.0.0.1@evil.example/x", "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/",
                "http://169.254.169.254/x", "http://localhost:80@evil.example/", "http://127.0.0.1:1x/"):
        error = ours({"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri, **NOTHING})[0].get("error", "")
        check("only https, or http on this machine" in error, f"{uri} is not asked", error)
    reset()
    env = {**instance, "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
    equal(ours(env)[0].get("access_key"), "ASIA1", "no proxy sees credentials")
    started = time.monotonic()
    error = ours({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"})[0]["error"]
    check("instance metadata" in error, "nobody there: said", error)
    check(time.monotonic() - started < 30, "and soon")


def freshness(address):
    instance = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": address}
    reset()
    equal([k["access_key"] for k in ours(instance, 5)], ["ASIA1"] * 5, "keys of an hour are fetched once")
    reset(lifetime_s=200)
    equal([k["access_key"] for k in ours(instance, 3)], ["ASIA1"] * 3, "keys of under five minutes: not at every call")
    reset(lifetime_s=-10)
    equal([k["access_key"] for k in ours(instance, 3)], ["ASIA1", "ASIA2", "ASIA3"], "expired keys are fetched again")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    HOME.mkdir()
    environment_and_files()
    endpoints(address)
    freshness(address)
    server.shutdown()
    finish()


main()
