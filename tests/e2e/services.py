#!/usr/bin/env -S python3 -B
"""The real servers of tests/services do what tests of Vigil rely on, and go away with the test."""

import hashlib
import http.client
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import time

from e2e import ROOT, TMP, check, equal, finish, skip, start
from metadata import Metadata
from postgres import PSQL, Postgres
from s3 import S3Server

try:
    import botocore.exceptions
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.utils import (ContainerMetadataFetcher, InstanceMetadataFetcher, InstanceMetadataRegionFetcher,
                                parse_timestamp)
except ImportError:
    skip(S3Server.missing())

SERVICES = ROOT / "tests/services"
NOBODY = 65534 if os.geteuid() == 0 else None


def refusal(call, **words):
    """HTTP status and S3's error code of a call that must fail."""
    try:
        call(**words)
    except botocore.exceptions.ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    except botocore.exceptions.SSLError:
        return "TLS"
    return "accepted"


def s3_objects(s3):
    client = s3.client()
    s3.make_bucket("objects")
    keys = sorted(f"date=2025-11-{day:02}/part {name}+é=1.parquet" for day in range(1, 11) for name in "ab")
    for key in keys:
        client.put_object(Bucket="objects", Key=key, Body=key.encode())
    pages = list(client.get_paginator("list_objects_v2").paginate(Bucket="objects"))
    equal([len(page["Contents"]) for page in pages], [7, 7, 6], "s3: a listing comes in pages of 7")
    equal([entry["Key"] for page in pages for entry in page["Contents"]], keys, "s3: and has every key, in order")
    folders = client.list_objects_v2(Bucket="objects", Prefix="date=2025-11-0", Delimiter="/", StartAfter=keys[5])
    equal([entry["Prefix"] for entry in folders["CommonPrefixes"]], [f"date=2025-11-0{day}/" for day in range(4, 10)],
          "s3: prefix, delimiter and start-after")
    equal(client.get_object(Bucket="objects", Key=keys[3])["Body"].read(), keys[3].encode(), "s3: an object's bytes")
    client.put_object(Bucket="objects", Key=keys[3], Body=b"new")
    equal(client.get_object(Bucket="objects", Key=keys[3], Range="bytes=1-")["Body"].read(), b"ew",
          "s3: a range of what replaced it")
    equal(client.head_object(Bucket="objects", Key=keys[3])["ETag"], f'"{hashlib.md5(b"new").hexdigest()}"',
          "s3: its ETag")


def s3_multipart(s3):
    client = s3.client(endpoint_url=s3.https)
    data = random.Random(1).randbytes(5 * 2**20 + 12345)
    s3.make_bucket("parts")
    upload = client.create_multipart_upload(Bucket="parts", Key="big")["UploadId"]
    pieces = [data[:5 * 2**20], data[5 * 2**20:]]
    parts = [{"PartNumber": i, "ETag": client.upload_part(Bucket="parts", Key="big", UploadId=upload, PartNumber=i,
                                                          Body=piece)["ETag"]} for i, piece in enumerate(pieces, 1)]
    client.complete_multipart_upload(Bucket="parts", Key="big", UploadId=upload, MultipartUpload={"Parts": parts})
    found = client.get_object(Bucket="parts", Key="big")
    check(found["Body"].read() == data, "s3: an object uploaded in two parts, over TLS, is whole")
    digest = hashlib.md5(b"".join(hashlib.md5(piece).digest() for piece in pieces)).hexdigest()
    equal(found["ETag"], f'"{digest}-2"', "s3: its ETag says two parts")
    seam = client.get_object(Bucket="parts", Key="big", Range=f"bytes={5 * 2**20 - 3}-{5 * 2**20 + 2}")["Body"].read()
    equal(seam, data[5 * 2**20 - 3:5 * 2**20 + 3], "s3: a range over the seam")
    equal(refusal(client.get_object, Bucket="parts", Key="big", Range=f"bytes={len(data)}-"), (416, "InvalidRange"),
          "s3: a range past the end")


def s3_refusals(s3):
    listing = dict(Bucket="objects")
    equal(refusal(s3.client(aws_secret_access_key="wrong").list_objects_v2, **listing), (403, "SignatureDoesNotMatch"),
          "s3: a wrong secret is refused")
    equal(refusal(s3.client(aws_access_key_id="test:nobody").list_objects_v2, **listing),
          (403, "SignatureDoesNotMatch"), "s3: an unknown key is refused")
    equal(refusal(s3.client().get_object, Bucket="objects", Key="none"), (404, "NoSuchKey"), "s3: no such key")
    equal(refusal(s3.client().list_objects_v2, Bucket="nowhere"), (404, "NoSuchBucket"), "s3: no such bucket")
    for scheme, url in (("http", s3.payer_http), ("https", s3.payer_https)):
        client = s3.client(endpoint_url=url)
        equal(refusal(client.list_objects_v2, **listing), (403, "AccessDenied"),
              f"s3: who does not pay is refused ({scheme})")
        equal(client.list_objects_v2(**listing, RequestPayer="requester")["KeyCount"], 7,
              f"s3: who pays may list ({scheme})")
    equal(refusal(s3.client(endpoint_url=s3.https, verify=True).list_objects_v2, **listing), "TLS",
          "s3: the certificate is not trusted without the CA")


def s3_region(s3):
    """A request signed for another region: the answer must name the right one, in the body and in a header."""
    host = s3.https.removeprefix("https://")
    connection = http.client.HTTPSConnection(host, context=ssl.create_default_context(cafile=s3.ca_file), timeout=60)
    for method in ("GET", "HEAD", "GET"):
        request = AWSRequest(method, f"{s3.https}/objects", headers={"Host": host})
        S3SigV4Auth(Credentials(s3.access_key, s3.secret_key), "s3", "us-east-1").add_auth(request)
        connection.request(method, "/objects", headers=dict(request.headers.items()))
        answer = connection.getresponse()
        body = answer.read().decode()
        named = "<Code>AuthorizationHeaderMalformed<" in body and f"<Region>{s3.region}<" in body
        in_header = answer.headers["x-amz-bucket-region"] == s3.region
        check(answer.status == 400 and in_header and named == (method == "GET"),
              f"s3: another region is refused and the right one named ({method})",
              f"{answer.status} {answer.headers} {body}")
        if method == "HEAD":
            equal(answer.headers["Transfer-Encoding"], None, "s3: no body follows a refused HEAD")
    connection.close()


def gone(pid):
    """Whether the process ends, soon."""
    status = pathlib.Path(f"/proc/{pid}/stat")
    for _ in range(500):
        try:
            if status.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def by_hand(name, sign):
    """NAME.py as an ordinary user would start it: it says how it is reached, and `sign` ends it and its servers."""
    folder = TMP / f"{name}-by-hand"
    folder.mkdir()
    TMP.chmod(0o711)
    folder.chmod(0o777)
    process = subprocess.Popen([sys.executable, "-B", SERVICES / f"{name}.py"], stdout=subprocess.PIPE, cwd="/",
                               text=True, user=NOBODY, group=NOBODY, extra_groups=[] if NOBODY else None,
                               env={**os.environ, "TMPDIR": str(folder)})
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    servers = children(process.pid)
    check(process.poll() is None and len(lines) > 1, f"{name}: started by hand", "".join(lines))
    process.send_signal(sign)
    process.wait(timeout=60)
    process.stdout.close()
    check(all(map(gone, servers)), f"{name}: {sign.name} ends it and its {len(servers)} servers")
    left = list(folder.iterdir())
    check(bool(left) == (sign == signal.SIGKILL), f"{name}: {'its logs stay' if left else 'nothing stays'}", left)
    shutil.rmtree(folder)


def metadata_of_instances():
    """botocore, which knows AWS's endpoints independently of us, finds its way."""
    metadata = start(Metadata())
    given = {"access_key": metadata.access_key, "secret_key": metadata.secret_key, "token": metadata.session_token}
    fetcher = InstanceMetadataFetcher(base_url=metadata.url, num_attempts=1, timeout=30)
    found = fetcher.retrieve_iam_role_credentials()
    equal({name: found.get(name) for name in given}, given, "metadata: botocore gets the instance's credentials")
    check(found["role_name"] == "vigil-test" and parse_timestamp(found["expiry_time"]).timestamp() > time.time(),
          "metadata: with role and expiry", found)
    equal(InstanceMetadataRegionFetcher(base_url=metadata.url, num_attempts=1, timeout=30).retrieve_region(),
          metadata.region, "metadata: and the region")
    roles = metadata.url + "/latest/meta-data/iam/security-credentials/"
    equal(status(roles), 401, "metadata: no token, no answer (version 1 is off)")
    token_url = metadata.url + "/latest/api/token"
    ttl = "X-aws-ec2-metadata-token-ttl-seconds"
    equal([status(token_url, "PUT", {ttl: seconds}) for seconds in ("21600", "0", "21601", "x")] +
          [status(token_url, "PUT", {ttl: "60", "X-Forwarded-For": "10.0.0.1"})], [200, 400, 400, 400, 403],
          "metadata: tokens of 1 s to 6 hours, not for proxies")
    token = metadata.new_token(60)
    equal(status(roles, headers={"X-aws-ec2-metadata-token": token}), 200, "metadata: a token opens it")
    metadata.forget_tokens()
    equal(status(roles, headers={"X-aws-ec2-metadata-token": token}), 401, "metadata: until it is forgotten")
    metadata.role = None
    equal(fetcher.retrieve_iam_role_credentials(), {}, "metadata: an instance without a role")


def metadata_of_containers():
    metadata = start(Metadata(lifetime=-60))
    fetch = ContainerMetadataFetcher().retrieve_full_uri
    environment = metadata.container_environment()
    headers = {"Authorization": environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
    found = fetch(environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers=headers)
    equal([found["AccessKeyId"], found["SecretAccessKey"], found["Token"]],
          [metadata.access_key, metadata.secret_key, metadata.session_token], "metadata: a container's credentials")
    check(parse_timestamp(found["Expiration"]).timestamp() < time.time(), "metadata: expired, as the test wished",
          found)
    metadata.rotate("AKIDOTHER", "other")
    equal(fetch(environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers=headers)["AccessKeyId"], "AKIDOTHER",
          "metadata: new credentials after a rotation")
    equal(status(metadata.url + "/task", headers={"Authorization": "wrong"}), 401, "metadata: a wrong container token")
    equal(metadata.requests["GET", "/task", 200], 2, "metadata: requests are counted")


def status(url, method="GET", headers=None):
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, "/" + path, headers=headers or {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def postgres_that_dies():
    database = start(Postgres())
    database.psql("CREATE TABLE t (a int PRIMARY KEY, b timestamptz)")
    database.psql("INSERT INTO t SELECT i, '2025-11-01 00:00:00Z' FROM generate_series(1, 1000) i")
    equal(database.psql("SELECT count(*), max(b) AT TIME ZONE 'UTC' FROM t"), "1000|2025-11-01 00:00:00",
          "postgres: rows are there")
    check("duplicate key" in database.psql("INSERT INTO t VALUES (7)", check=False), "postgres: an error is told")
    url, port = database.url, database.port
    for halt in (database.kill, database.shut_down):
        sleeper = subprocess.Popen([PSQL, "-X", "-d", database.url, "-c", "SELECT pg_sleep(600)"], env={}, cwd="/",
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while database.psql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") != "1":
            time.sleep(0.02)
        halt()
        check(sleeper.wait(timeout=60) != 0, f"postgres: {halt.__name__} breaks connections")
        check("refused" in database.psql("SELECT 1", check=False), "postgres: nobody answers then")
        database.restart()
        equal([database.psql("SELECT count(*) FROM t"), database.url, database.port], ["1000", url, port],
              "postgres: it comes back with its rows, at its place")
    there = database.psql("SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb'")
    if database.has_timescale:
        equal(there, "1", "postgres: TimescaleDB is there")
        database.psql("CREATE EXTENSION timescaledb; CREATE TABLE h (t timestamptz)")
        check("h" in database.psql("SELECT create_hypertable('h', 't')"), "postgres: and makes a hypertable")


def postgres_with_password():
    database = start(Postgres(scram=True, settings={"max_connections": 7}))
    equal(database.psql("SHOW max_connections"), "7", "postgres: a setting of the test, and the right password")
    check("password authentication failed" in database.psql("SELECT 1", check=False, PGPASSWORD="wrong"),
          "postgres: a wrong password is refused")
    files = [path for path in database.folder.rglob("*.log") if database.password in path.read_text(errors="replace")]
    equal(files, [], "postgres: the password is in no log")


s3 = start(S3Server(page_keys=7))
s3_objects(s3)
s3_multipart(s3)
s3_refusals(s3)
s3_region(s3)
other = start(S3Server())
equal(other.client().list_buckets()["Buckets"], [], "s3: a second server beside it has buckets of its own")
late = start(S3Server(clock_ahead=1000))
equal(refusal(late.client().list_buckets), (403, "RequestTimeTooSkewed"),
      "s3: a server whose clock is 16 minutes ahead")
metadata_of_instances()
metadata_of_containers()
postgres_that_dies()
postgres_with_password()
for server in ("s3", "postgres", "metadata"):
    by_hand(server, signal.SIGINT)
    by_hand(server, signal.SIGKILL)

finish()
