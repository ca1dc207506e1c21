"""A real S3 server: OpenStack Swift with its S3 interface, which checks signatures, behind nginx, which adds TLS and
refuses who does not pay.

    with S3Server() as s3:
        s3.client().create_bucket(Bucket="b")

By hand: python3 -B tests/services/s3.py
"""

import getpass
import shutil
import ssl
import subprocess
import sys

from service import PYTHON, Service, free_ports, stay

REGION = "ap-northeast-1"
ACCESS_KEY, SECRET_KEY = "market:tester", "a+secret/with=signs"

SWIFT = """[swift-hash]
swift_hash_path_suffix = x
swift_hash_path_prefix = y
[storage-policy:0]
name = p0
default = yes
[swift-constraints]
max_file_size = 5368709122
"""

STORAGE = """[DEFAULT]
devices = {folder}/node
mount_check = false
disable_fallocate = true
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
user = {user}
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
[{name}-replicator]
[{name}-updater]
[{name}-auditor]
"""

PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
user = {user}
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth slo dlo versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{person} = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
"""

# Starts one of Swift's servers with our swift.conf instead of /etc/swift's.
START = """
import runpy, shutil, sys
import swift.common.utils
swift.common.utils.SWIFT_CONF_FILE = {conf!r}
sys.argv = ["swift-{name}-server", {config!r}]
runpy.run_path(shutil.which("swift-{name}-server"), run_name="__main__")
"""

REFUSAL = ('<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
           '<Message>Access Denied</Message></Error>')

NGINX = """daemon off;
error_log {folder}/nginx.log;
pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    server {{
        listen 127.0.0.1:{tls} ssl;
        location / {{ proxy_pass http://127.0.0.1:{swift}; }}
    }}
    server {{
        listen 127.0.0.1:{payer};
        listen 127.0.0.1:{payer_tls} ssl;
        location / {{
            default_type application/xml;
            if ($http_x_amz_request_payer != requester) {{ return 403 '{refusal}'; }}
            proxy_pass http://127.0.0.1:{swift};
        }}
    }}
}}
"""


class S3Server(Service):
    """Afterwards: http, https (with ca_file), payer_http, payer_https (403 without x-amz-request-payer: requester)."""

    access_key, secret_key, region = ACCESS_KEY, SECRET_KEY, REGION

    def start(self):
        swift, account, container, object_, tls, payer, payer_tls = free_ports(7)
        self._start_swift(swift, {"account": account, "container": container, "object": object_})
        self._make_certificates()
        self._start_nginx(swift=swift, tls=tls, payer=payer, payer_tls=payer_tls)
        self.http, self.https = f"http://127.0.0.1:{swift}", f"https://127.0.0.1:{tls}"
        self.payer_http, self.payer_https = f"http://127.0.0.1:{payer}", f"https://127.0.0.1:{payer_tls}"
        self.wait_for(self.http)
        self.wait_for(self.https, context=ssl.create_default_context(cafile=self.ca_file))

    def _start_swift(self, port, storage):
        folder, user = self.folder, getpass.getuser()
        (folder / "node/sdb1").mkdir(parents=True)
        (folder / "swift.conf").write_text(SWIFT)
        for name, own in storage.items():
            (folder / f"{name}-server.conf").write_text(STORAGE.format(folder=folder, port=own, name=name, user=user))
            for step in (["create", "4", "1", "1"], ["add", f"r1z1-127.0.0.1:{own}/sdb1", "1"], ["rebalance"]):
                subprocess.run(["swift-ring-builder", f"{name}.builder", *step], cwd=folder, check=True,
                               stdout=subprocess.DEVNULL)
        who, person = ACCESS_KEY.split(":")
        (folder / "proxy-server.conf").write_text(PROXY.format(
            folder=folder, port=port, account=who, person=person, secret=SECRET_KEY, region=REGION, user=user))
        for name in (*storage, "proxy"):
            self.run(PYTHON, "-c", START.format(conf=str(folder / "swift.conf"), name=name,
                                                config=str(folder / f"{name}-server.conf")), log=f"{name}.log")

    def _make_certificates(self):
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)

        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Vigil test CA")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "server.key",
                "-out", "server.csr", "-subj", "/CN=localhost")
        (self.folder / "server.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "2", "-out", "server.pem", "-extfile", "server.ext")
        self.ca_file = str(self.folder / "ca.pem")

    def _start_nginx(self, **ports):
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, refusal=REFUSAL, **ports))
        self.run(nginx, "-c", self.folder / "nginx.conf", "-p", self.folder, "-e", self.folder / "nginx.log",
                 log="nginx.log")

    def client(self, endpoint=None, **options):
        """boto3's client: the independent witness. Only Debian's Python has it."""
        import boto3
        from botocore.config import Config
        config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 8})
        return boto3.client("s3", **{"endpoint_url": endpoint or self.http, "aws_access_key_id": ACCESS_KEY,
                                     "aws_secret_access_key": SECRET_KEY, "region_name": REGION, "config": config,
                                     "verify": self.ca_file, **options})

    def environment(self, endpoint=None):
        """What a program needs to find the server, as AWS's own tools read it."""
        return {"AWS_ENDPOINT_URL": endpoint or self.https, "AWS_CA_BUNDLE": self.ca_file, "AWS_REGION": REGION,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def missing():
    """Why this server cannot be started here, or None."""
    for program in ("swift-proxy-server", "swift-ring-builder", "openssl"):
        if not shutil.which(program):
            return f"{program} is not installed (deps/apt.txt)"
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin"):
        return "nginx is not installed (deps/apt.txt)"
    return None


if __name__ == "__main__":
    server = S3Server()
    server.__enter__()
    for variable, value in {**server.environment(), "requester pays": server.payer_https}.items():
        print(f"{variable}={value}")
    sys.stdout.flush()
    stay(server)
