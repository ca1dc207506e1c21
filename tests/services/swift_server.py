"""OpenStack Swift in one process: account, container, object and proxy server, with the S3 interface.

usage: swift_server.py FOLDER ACCESS_KEY SECRET_FILE REGION PAGE_KEYS CERTIFICATE KEY CLOCK_AHEAD

Serves until it is killed, on four ports of 127.0.0.1. When they answer it prints a line: "ready", and the ports for
HTTP, HTTPS, and again both where the reader pays. Usually Swift has a process for each server; one for all
starts in a tenth of the time, and the kernel can choose every port. The settings: proxy-server.conf(5),
object-server.conf(5) and swift.conf(5) of Debian's packages swift-proxy, swift-object and swift.
"""

import pathlib
import sys
import time

FOLDER = pathlib.Path(sys.argv[1])
ACCESS_KEY, SECRET_FILE, REGION, PAGE_KEYS, CERTIFICATE, KEY, CLOCK_AHEAD = sys.argv[2:9]
true_clock = time.time
time.time = lambda: true_clock() + float(CLOCK_AHEAD)

# Only now: Swift's modules take the clock with them.
import eventlet
import eventlet.wsgi
from swift.common import utils, wsgi
from swift.common.ring import RingBuilder

PATIENCE = 60  # seconds for every internal step: on a busy machine an update must not be put off, or lists lack keys

SWIFT = """
[swift-hash]
swift_hash_path_prefix = vigil
swift_hash_path_suffix = tests
[storage-policy:0]
name = one
default = yes
"""

STORAGE = """
[DEFAULT]
devices = {folder}/devices
swift_dir = {folder}
mount_check = false
disable_fallocate = true
conn_timeout = {patience}
node_timeout = {patience}
container_update_timeout = {patience}
log_level = WARNING
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

# s3api wants a cache in the pipeline, and does as well without one that answers: nothing listens on port 1.
PROXY = """
[DEFAULT]
swift_dir = {folder}
log_level = WARNING
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth slo dlo versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = {patience}
node_timeout = {patience}
error_suppression_interval = 0
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
location = {region}
storage_domain = localhost
max_bucket_listing = {page_keys}
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
set log_level = CRITICAL
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
"""


def make_ring(name, port):
    """One device, one copy: the file that tells the proxy where a storage server is."""
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "disk", "weight": 1,
                     "replication_ip": "127.0.0.1", "replication_port": port})
    builder.rebalance(seed="vigil")
    builder.get_ring().save(str(FOLDER / f"{name}.ring.gz"))


def application(name):
    path = str(FOLDER / f"{name}-server.conf")
    wsgi._initrp(path, f"{name}-server", verbose=True)
    return wsgi.loadapp(path, global_conf={"log_name": name})


def mended(app):
    """Two things that S3 does and Swift does not: the bucket's region in a header of refusals and answers to HEAD, and
    nothing after the headers of a refused HEAD (eventlet would send the end of a chunked body)."""

    def call(environ, start_response):
        def start(status, headers, *rest):
            headers = [*headers, ("x-amz-bucket-region", REGION)]
            if environ["REQUEST_METHOD"] == "HEAD" and not any(name.lower() == "content-length" for name, _ in headers):
                headers.append(("Content-Length", "0"))
            return start_response(status, headers, *rest)

        return app(environ, start)

    return call


def reader_pays(app):
    """Refuses, in S3's words, who does not declare to pay; Swift does not know of this."""

    def call(environ, start_response):
        if environ.get("HTTP_X_AMZ_REQUEST_PAYER") == "requester":
            return app(environ, start_response)
        body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return call


def listen():
    return eventlet.listen(("127.0.0.1", 0), backlog=1024)


def serve(app, sock, log=None):
    """A server as a green thread: what Swift's run_server does, less its event loop of its own."""
    return eventlet.spawn(eventlet.wsgi.server, sock, app, log or wsgi.NullLogger(), protocol=wsgi.SwiftHttpProtocol,
                          capitalize_response_headers=False, debug=False)


def main():
    (FOLDER / "devices/disk").mkdir(parents=True)
    (FOLDER / "swift.conf").write_text(SWIFT)
    utils.SWIFT_CONF_FILE = str(FOLDER / "swift.conf")
    eventlet.hubs.use_hub(utils.get_hub())
    utils.eventlet_monkey_patch()
    servers = []
    for name in ("account", "container", "object"):
        sock = listen()
        make_ring(name, sock.getsockname()[1])
        (FOLDER / f"{name}-server.conf").write_text(STORAGE.format(folder=FOLDER, name=name, patience=PATIENCE))
        servers.append(serve(application(name), sock))
    account, _, user = ACCESS_KEY.partition(":")
    (FOLDER / "proxy-server.conf").write_text(PROXY.format(
        folder=FOLDER, patience=PATIENCE, account=account, user=user, secret=pathlib.Path(SECRET_FILE).read_text(),
        region=REGION, page_keys=PAGE_KEYS))
    proxy = application("proxy")
    ports = []
    with open(FOLDER.parent / "log/access.log", "w", buffering=1, encoding="utf-8") as log:
        for app in (mended(proxy), mended(reader_pays(proxy))):
            plain, secure = listen(), listen()
            ports += [plain.getsockname()[1], secure.getsockname()[1]]
            secure = eventlet.wrap_ssl(secure, certfile=CERTIFICATE, keyfile=KEY, server_side=True)
            servers += [serve(app, plain, log), serve(app, secure, log)]
        print("ready", *ports, flush=True)
        for server in servers:
            server.wait()


main()
