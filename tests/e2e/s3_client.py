"""The S3 client against a real server (OpenStack Swift's s3api, behind nginx for TLS and requester-pays).

What boto3 writes Vigil reads, and the other way round; pages, odd keys, parts, TLS, refusals, the budget.
"""

import hashlib
import os
import random
import sys
import time

from e2e import TMP, check, equal, finish, start
from s3 import S3Server
from s3_tool import Tool

MIB = 1 << 20
BUCKET = "vigil-test"
ODD_KEYS = ["fills/date=2025-11-01/part-0000.parquet", "a b", "a+b", "a%20b", "a%2Fb", "100%", "é/日本", "\U0001f600", "a?b#c",
            "a&b=c;d", "!$'()*,:@[]{}|^`\"<>", "back\\slash", "a//b", "trailing/", "~-_.", "x" * 900, "tab\there", "..a", "a/../b"]


def upload(server, count, prefix, size=20):
    client = server.client()
    for i in range(count):
        client.put_object(Bucket=BUCKET, Key=f"{prefix}{i:04d}", Body=os.urandom(size))


def everything(client, **options):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, **options)
    return [o for page in pages for o in page.get("Contents", [])]


def keys(tool, server):
    client = server.client()
    for number, key in enumerate(ODD_KEYS):
        body = f"body {number}".encode()
        client.put_object(Bucket=BUCKET, Key="odd/" + key, Body=body)
        (TMP / "odd").write_bytes(body[::-1])
        result = tool("put", BUCKET, "ours/" + key, TMP / "odd")
        good = result.status == "S3_OK" and client.get_object(Bucket=BUCKET, Key="ours/" + key)["Body"].read() == body[::-1]
        result = tool("get", BUCKET, "odd/" + key, TMP / "back")
        good = good and result.status == "S3_OK" and (TMP / "back").read_bytes() == body
        head = tool("head", BUCKET, "odd/" + key)
        good = good and head.lines[0]["size"] == len(body) and head.lines[0]["etag"] == hashlib.md5(body).hexdigest()
        check(good, f"written, read and asked for: {key[:40]!r}", result.last)
    for prefix in ("odd/", "ours/"):
        found = [o["key"] for o in tool("list", BUCKET, prefix, page_keys=7).lines]
        expected = sorted((prefix + k for k in ODD_KEYS), key=lambda k: k.encode())
        equal(found, expected, f"{prefix}: listed as they are, in pages")


def listing(tool, server):
    upload(server, 57, "many/")
    upload(server, 3, "many/below/")
    client = server.client()
    theirs = everything(client, Prefix="many/")
    for page_keys in (1, 10, 57, 60, 1000):
        result = tool("list", BUCKET, "many/", page_keys=page_keys)
        ours = [(o["key"], o["etag"], o["size"], o["modified"]) for o in result.lines]
        equal(ours, [(o["Key"], o["ETag"].strip('"'), o["Size"], int(o["LastModified"].timestamp())) for o in theirs],
              f"pages of {page_keys}: the listing that boto3 gives")
        pages = -(-len(theirs) // page_keys)
        check(pages <= result.budget["class_a"] <= pages + 1, f"{pages} requests of class A", result.budget)
    result = tool("list", BUCKET, "many/", delimiter="/", page_keys=5)
    equal([o["key"] for o in result.lines if o["is_prefix"]], ["many/below/"], "a delimiter: what is below comes as one")
    equal(len(result.lines), 58, "and the others as before")
    result = tool("list", BUCKET, "many/", start_after="many/0049")
    equal([o["key"] for o in result.lines], [o["Key"] for o in theirs if o["Key"] > "many/0049"], "start-after")
    equal(len(tool("list", BUCKET, "many/", stop_after=5, page_keys=10).lines), 5, "a listing can be ended")
    equal(tool("list", BUCKET, "nothing-here/").lines, [], "nothing is listed where nothing is")
    result = tool("sums", BUCKET, "many/", threads=8, connections=3)
    expected = {o["Key"]: hashlib.sha256(client.get_object(Bucket=BUCKET, Key=o["Key"])["Body"].read()).hexdigest() for o in theirs}
    equal({o["key"]: o["sha256"] for o in result.lines}, expected, "eight threads on three connections read all of it")
    equal(result.budget["class_b"], len(theirs), "one request of class B for each")


def bodies(tool, server):
    client = server.client()
    for size in (0, 1, 65536, 3 * MIB + 1):
        body = random.Random(size).randbytes(size)
        client.put_object(Bucket=BUCKET, Key="body", Body=body)
        for chunk in (1000, 65536, 4 * MIB) if size < MIB else (65536, 4 * MIB):
            result = tool("get", BUCKET, "body", TMP / "back", chunk=chunk)
            check((TMP / "back").read_bytes() == body and result.lines[0]["etag_is_md5"], f"{size} bytes, read {chunk} at a time")
            equal((result.budget["class_b"], result.budget["bytes_in"]), (1, size), "one request; its bytes are counted")
    result = tool("small", BUCKET, "body", TMP / "back", limit=3 * MIB + 1)
    check((TMP / "back").read_bytes() == body, "a small object in one call")
    result = tool("small", BUCKET, "body", TMP / "back", limit=3 * MIB, code=1)
    check(result.status == "S3_UNKNOWN" and str(3 * MIB) in result.error, "one that is larger than the limit is not read", result.last)
    etag = hashlib.md5(body).hexdigest()
    equal(tool("get", BUCKET, "body", TMP / "back", etag=etag).status, "S3_OK", "If-Match: the same object")
    result = tool("get", BUCKET, "body", TMP / "back", etag="0" * 32, code=1)
    equal(result.status, "S3_CHANGED", "If-Match: another object")
    equal(tool("delete", BUCKET, "body").status, "S3_OK", "deleted")
    equal(tool("head", BUCKET, "body", code=1).status, "S3_MISSING", "and gone")
    equal(tool("delete", BUCKET, "body").status, "S3_OK", "deleting what is not there is fine")


def uploads(tool, server):
    client = server.client()
    part = 5 * MIB
    for size in (0, 5, part - 1, part, part + 1, 2 * part, 3 * part + 12345):
        body = random.Random(size).randbytes(size)
        (TMP / "file").write_bytes(body)
        result = tool("upload", BUCKET, "file", TMP / "file", part_bytes=part)
        back = client.get_object(Bucket=BUCKET, Key="file")
        check(back["Body"].read() == body, f"a file of {size} bytes arrives")
        parts = -(-size // part) if size >= part else 0
        equal(result.last.get("etag"), back["ETag"].strip('"'), "with the ETag that is told")
        check(back["ETag"].endswith(f'-{parts}"') if parts else "-" not in back["ETag"], f"in {parts or 'no'} parts", back["ETag"])
        equal((result.budget["class_a"], result.budget["bytes_out"] >= size), (parts + 2 if parts else 1, True), "and requests of class A")
        if parts:
            again = tool("get", BUCKET, "file", TMP / "back")
            check((TMP / "back").read_bytes() == body and not again.lines[0]["etag_is_md5"], "and is read again")
    result = tool("upload", BUCKET, "file", TMP / "no such file", code=1)
    check(result.status == "S3_LOCAL" and "no such file" in result.error, "a file that is not there")
    (TMP / "small").write_bytes(b"x" * (2 * MIB + 5))
    result = tool("upload", BUCKET, "small-parts", TMP / "small", part_bytes=MIB, code=1)
    check(result.status == "S3_REFUSED" and "EntityTooSmall" in result.error, "parts that the server does not take", result.last)
    equal(client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []), [], "no upload is left behind")
    client.create_multipart_upload(Bucket=BUCKET, Key="left/a b+c")
    client.create_multipart_upload(Bucket=BUCKET, Key="left/" + "é")
    client.create_multipart_upload(Bucket=BUCKET, Key="other")
    equal(tool("abort", BUCKET, "left/", age=3600).last["removed"], 0, "young uploads stay")
    time.sleep(1.1)  # the server rounds the time of their beginning up
    equal(tool("abort", BUCKET, "left/", age=0).last["removed"], 2, "old ones are removed")
    equal([u["Key"] for u in client.list_multipart_uploads(Bucket=BUCKET)["Uploads"]], ["other"], "others stay")
    (TMP / "small").write_bytes(b"x")
    result = tool("put", BUCKET, "file", TMP / "small", only_new=True, code=1)
    check(result.status in ("S3_UNSUPPORTED", "S3_EXISTS"), f"only_new: {result.status}", result.last)
    equal(client.head_object(Bucket=BUCKET, Key="file")["ContentLength"], 3 * part + 12345, "and the object stays")


def refusals(tool, server):
    equal(tool("get", BUCKET, "missing", TMP / "x", code=1).status, "S3_MISSING", "no such key")
    equal(tool("list", "no-such-bucket", code=1).status, "S3_NO_BUCKET", "no such bucket")
    wrong = tool.with_environment(AWS_SECRET_ACCESS_KEY="wrong-secret")
    for words in (("list", BUCKET), ("get", BUCKET, "x", TMP / "x"), ("head", BUCKET, "x")):
        result = wrong(*words, code=1)
        check(result.status == "S3_CREDENTIALS" and "SignatureDoesNotMatch" in result.error, f"{words[0]} with a wrong secret", result.last)
        check("wrong-secret" not in str(result.last), "which is not shown")
        equal(result.budget["retries"], 0, "and not tried again")
    none = tool.with_environment(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    result = none("list", BUCKET, code=1)
    check(result.status == "S3_CREDENTIALS" and "no AWS credentials were found" in result.error, "no credentials", result.last)
    equal(result.budget["class_a"], 0, "nothing is sent without")
    elsewhere = tool.with_environment(AWS_REGION="eu-west-1")
    for words in (("list", BUCKET), ("head", BUCKET, "many/0001"), ("get", BUCKET, "many/0001", TMP / "x")):
        equal(elsewhere(*words).status, "S3_OK", f"{words[0]} from a wrong region: the right one is found")
    result = elsewhere("sums", BUCKET, "many/")
    check(result.budget["class_a"] + result.budget["class_b"] <= 60 + 3, "and remembered", result.budget)
    (TMP / "config").write_text(f"[profile there]\nregion = {server.region}\n")
    for environment, requests in (({}, 2), ({"AWS_CONFIG_FILE": str(TMP / "config"), "AWS_PROFILE": "there"}, 1),
                                  ({"AWS_DEFAULT_REGION": server.region}, 1)):
        result = tool.with_environment(AWS_REGION="", **environment)("list", BUCKET, "nothing-here/")
        equal((result.status, result.budget["class_a"]), ("S3_OK", requests), f"the region of {list(environment) or 'nobody'}")
    nobody = tool.with_environment(AWS_ENDPOINT_URL="http://127.0.0.1:1")
    result = nobody("list", BUCKET, code=1, attempts=3)
    check(result.status == "S3_LOST" and result.budget["retries"] == 2 and "tried 3 times" in result.error, "nobody there", result.last)
    for name, value in (("AWS_ENDPOINT_URL", "ftp://x"), ("AWS_REGION", "Not A Region")):
        equal(tool.with_environment(**{name: value})("list", BUCKET, code=1).status, "S3_LOCAL", f"{name}={value}")


def tls_and_payers(tool, server):
    secure = tool.with_environment(AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_ENDPOINT_URL_S3=server.https, AWS_CA_BUNDLE=str(server.ca_file))
    result = secure("get", BUCKET, "many/0001", TMP / "back")
    equal(result.status, "S3_OK", "over TLS; AWS_ENDPOINT_URL_S3 beats AWS_ENDPOINT_URL")
    body = random.Random(1).randbytes(6 * MIB)
    (TMP / "file").write_bytes(body)
    equal(secure("upload", BUCKET, "tls", TMP / "file", part_bytes=5 * MIB).status, "S3_OK", "parts over TLS")
    check(server.client().get_object(Bucket=BUCKET, Key="tls")["Body"].read() == body, "arrive")
    result = tool.with_environment(AWS_ENDPOINT_URL=server.https)("list", BUCKET, code=1)
    check(result.status == "S3_LOCAL" and "AWS_CA_BUNDLE" in result.error, "a certificate that is not trusted", result.last)
    equal(result.budget["retries"], 0, "is no reason to try again")
    payer = tool.with_environment(AWS_ENDPOINT_URL=server.payer_http)
    operations = [("list", BUCKET, "many/"), ("head", BUCKET, "many/0001"), ("get", BUCKET, "many/0001", TMP / "back"),
                  ("put", BUCKET, "payer", TMP / "back"), ("upload", BUCKET, "payer-parts", TMP / "file"), ("delete", BUCKET, "payer"),
                  ("abort", BUCKET, "left/")]
    for words in operations:
        equal(payer(*words, requester_pays=True, part_bytes=5 * MIB).status, "S3_OK", f"{words[0]} where the requester pays")
        result = payer(*words, code=1)
        check(result.status == "S3_FORBIDDEN" and "requester" in result.error, "and refused to who does not say so", result.last)


def main():
    server = start(S3Server())
    server.make_bucket(BUCKET)
    tool = Tool(sys.argv[3], server)
    for step in (keys, listing, bodies, uploads, refusals, tls_and_payers):
        started = time.monotonic()
        step(tool, server)
        print(f"-- {step.__name__}: {time.monotonic() - started:.1f} s")
    finish()


main()
