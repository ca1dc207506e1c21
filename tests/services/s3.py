"""A real S3 server that checks signatures: OpenStack Swift, with TLS and with a bucket whose reader pays.

    with S3Server() as s3:
        s3.make_bucket("history")
        s3.client().put_object(Bucket="history", Key="a", Body=b"x")

By hand: python3 -B tests/services/s3.py
"""

import os
import pathlib
import re
import select
import subprocess

import fixture


class S3Server(fixture.Fixture):
    """http, https: the same server, plain and with TLS; payer_http, payer_https: refuse a request without
    "x-amz-request-payer: requester", as a bucket whose reader pays. ca_file: the certificate to trust.
    page_keys: how many keys a listing gives at once when the client does not ask for fewer.
    clock_ahead: seconds that the server's clock is ahead of ours; beyond 15 minutes it refuses all requests.
    Every answer names the region in x-amz-bucket-region, as S3's do where it matters (HEAD, refusals)."""

    name = "s3"
    modules = {"swift": "python3-swift", "boto3": "python3-boto3"}
    programs = {"openssl": "openssl"}

    def __init__(self, region="ap-northeast-1", page_keys=1000, clock_ahead=0):
        super().__init__()
        self.region = region
        self.page_keys = page_keys
        self.clock_ahead = clock_ahead
        self.access_key = "test:tester"
        self.secret_key = fixture.random_secret()

    def client(self, **changes):
        """A boto3 client: one attempt, path style. `changes`: arguments of boto3.client(), as endpoint_url, config."""
        import boto3
        from botocore.config import Config

        config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={},
                        retries={"total_max_attempts": 1})
        if "config" in changes:
            config = config.merge(changes.pop("config"))
        settings = {"endpoint_url": self.http, "region_name": self.region, "aws_access_key_id": self.access_key,
                    "aws_secret_access_key": self.secret_key, "verify": str(self.ca_file), "config": config}
        return boto3.session.Session().client("s3", **{**settings, **changes})

    def make_bucket(self, name):
        self.client().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region})

    def _start(self):
        self._check_folder()
        self._make_certificates()
        secret_file = self.folder / "secret"
        secret_file.write_text(self.secret_key)
        program = pathlib.Path(__file__).with_name("swift_server.py")
        swift = self.spawn("swift", [fixture.PYTHON, "-B", program, self.folder / "swift", self.access_key, secret_file,
                                     self.region, self.page_keys, self.folder / "server.pem",
                                     self.folder / "server.key", self.clock_ahead], stdout=subprocess.PIPE, text=True)
        self.wait_until(lambda: select.select([swift.stdout], [], [], 0)[0], swift, "swift")
        line = swift.stdout.readline()
        ports = re.fullmatch(r"ready (\d+) (\d+) (\d+) (\d+)\n", line)
        if not ports:
            raise RuntimeError(f"swift could not start; it said {line!r}")
        self.http, self.https, self.payer_http, self.payer_https = (
            f"{scheme}://127.0.0.1:{port}" for scheme, port in zip(("http", "https", "http", "https"), ports.groups()))

    def _check_folder(self):
        """Swift keeps what it knows of an object in extended attributes; some file systems have none."""
        try:
            os.setxattr(self.folder, "user.vigil", b"1")
        except OSError as error:
            raise RuntimeError(f"{self.folder}: no extended attributes ({error}): set TMPDIR to another disk") from None

    def _make_certificates(self):
        """A throw-away authority, and a certificate of it for 127.0.0.1 and localhost; both end after two days."""
        self.ca_file = self.folder / "ca.pem"
        new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
               "-days", "2"]
        self.run("openssl", [*new, "-subj", "/CN=Vigil tests", "-keyout", self.folder / "ca.key", "-out", self.ca_file])
        self.run("openssl", [*new, "-subj", "/CN=localhost", "-keyout", self.folder / "server.key",
                             "-out", self.folder / "server.pem", "-CA", self.ca_file, "-CAkey", self.folder / "ca.key",
                             "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:*.localhost",
                             "-addext", "basicConstraints=critical,CA:FALSE"])


def describe(s3):
    return f"""S3, region {s3.region}; logs in {s3.folder}/log
export AWS_ENDPOINT_URL={s3.http}  # or {s3.https}
export AWS_ACCESS_KEY_ID={s3.access_key} AWS_SECRET_ACCESS_KEY={s3.secret_key}
export AWS_REGION={s3.region} AWS_CA_BUNDLE={s3.ca_file}
The reader pays at {s3.payer_http} and {s3.payer_https}"""


if __name__ == "__main__":
    fixture.serve_by_hand(S3Server(), describe)
