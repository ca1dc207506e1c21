"""Where AWS's machines get credentials from: the ECS container endpoint, and EC2's instance metadata, version 2 only.

    metadata = start(Metadata(access_key=s3.access_key, secret_key=s3.secret_key))
    vigil("fetch", ..., env=environment(**metadata.instance_environment()))

Failures: put a FaultyProxy before it and give its url to the environments. After AWS's documents: "Amazon ECS task
IAM role" and "Use the Instance Metadata Service to access instance metadata" (EC2 user guide).

By hand: python3 -B tests/services/metadata.py
"""

import collections
import http.server
import json
import secrets
import threading
import time

import fixture

ROLES = "/latest/meta-data/iam/security-credentials/"
LONGEST_TOKEN_S = 21600


def timestamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Metadata(fixture.Fixture):
    """access_key, secret_key, session_token: what is handed out; rotate() makes new ones. lifetime: how many seconds
    they are valid from when they are asked for, negative: expired already. role: name of the instance's role; None:
    it has none. requests: how often each (method, path) came, with the status, for example ("GET", "/task", 200).
    """

    name = "metadata"

    def __init__(self, access_key="AKIDVIGILTEST", secret_key=None, lifetime=21600, role="vigil-test",
                 region="ap-northeast-1"):
        super().__init__()
        self.access_key = access_key
        self.secret_key = secret_key or fixture.random_secret()
        self.session_token = fixture.random_secret()
        self.lifetime = lifetime
        self.role = role
        self.region = region
        self.container_token = fixture.random_secret()
        self.requests = collections.Counter()
        self.lock = threading.Lock()
        self._tokens = {}

    def instance_environment(self, url=None):
        """What makes a client ask here as on EC2."""
        return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url or self.url}

    def container_environment(self, url=None):
        """What makes a client ask here as in a container."""
        return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url or self.url}/task",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.container_token}

    def rotate(self, access_key, secret_key):
        """Other credentials from now on, with another session token."""
        with self.lock:
            self.access_key, self.secret_key, self.session_token = access_key, secret_key, fixture.random_secret()

    def forget_tokens(self):
        """No instance metadata token is valid any more: 401 until the client fetches a new one."""
        with self.lock:
            self._tokens.clear()

    def new_token(self, seconds):
        token = secrets.token_urlsafe(32)
        with self.lock:
            self._tokens[token] = time.monotonic() + seconds
        return token

    def token_holds(self, token):
        with self.lock:
            return self._tokens.get(token, 0) > time.monotonic()

    def credentials(self):
        with self.lock:
            return {"AccessKeyId": self.access_key, "SecretAccessKey": self.secret_key, "Token": self.session_token,
                    "Expiration": timestamp(time.time() + self.lifetime)}

    def _start(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.metadata = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self, keep=False):
        if self.folder:
            self._server.shutdown()
            self._server.server_close()
        super().stop(keep)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wish = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.path != "/latest/api/token":
            self._answer(404)
        elif "X-Forwarded-For" in self.headers:
            self._answer(403)
        elif not wish.isdigit() or not 1 <= int(wish) <= LONGEST_TOKEN_S:
            self._answer(400)
        else:
            self._answer(200, self.server.metadata.new_token(int(wish)), ttl=wish)

    def do_GET(self):
        metadata = self.server.metadata
        if self.path == "/task":
            self._container(metadata)
        elif not metadata.token_holds(self.headers.get("X-aws-ec2-metadata-token")):
            self._answer(401)
        elif self.path == "/latest/meta-data/placement/region":
            self._answer(200, metadata.region)
        elif self.path.rstrip("/") == "/latest/meta-data/placement/availability-zone":
            self._answer(200, metadata.region + "a")
        elif metadata.role and self.path in (ROLES, ROLES.rstrip("/")):
            self._answer(200, metadata.role)
        elif metadata.role and self.path == ROLES + metadata.role:
            self._answer_json({"Code": "Success", "LastUpdated": timestamp(time.time()), "Type": "AWS-HMAC",
                               **metadata.credentials()})
        else:
            self._answer(404)

    def log_message(self, *_):
        pass

    def _container(self, metadata):
        if self.headers.get("Authorization") == metadata.container_token:
            self._answer_json({"RoleArn": f"arn:aws:iam::123456789012:role/{metadata.role}", **metadata.credentials()})
        else:
            self._answer(401)

    def _answer_json(self, value):
        self._answer(200, json.dumps(value), kind="application/json")

    def _answer(self, status, text="", kind="text/plain", ttl=None):
        metadata = self.server.metadata
        with metadata.lock:
            metadata.requests[self.command, self.path, status] += 1
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        if ttl:
            self.send_header("X-aws-ec2-metadata-token-ttl-seconds", ttl)
        self.end_headers()
        self.wfile.write(text.encode())


def describe(metadata):
    def lines(environment):
        return "\n".join(f"export {name}={value}" for name, value in environment.items())

    return f"As on EC2:\n{lines(metadata.instance_environment())}\nAs in a container:\n" + lines(
        metadata.container_environment())


if __name__ == "__main__":
    fixture.serve_by_hand(Metadata(), describe)
