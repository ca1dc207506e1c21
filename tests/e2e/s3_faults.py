"""The S3 client when things go wrong: a real server behind a proxy that refuses, cuts, stalls, lies and redirects.

Bytes are right or there is an error, attempts are bounded, nothing is left behind.
"""

import hashlib
import random
import signal
import sys
import time

from e2e import TMP, check, equal, finish, start
from s3 import S3Server
from s3_proxy import Proxy, answer, changed, cut, dropped, error, lost
from s3_tool import Tool

MIB = 1 << 20
BUCKET = "vigil-faults"
BODY = random.Random(7).randbytes(3 * MIB + 12345)
PART = 5 * MIB
_random = random.Random(11)


def first(count, act):
    """The first requests get `act`, the others pass."""
    return lambda request: act if request.number < count else None


def got():
    path = TMP / "back"
    return path.read_bytes() if path.exists() else b""


def get(tool, code=0, **options):
    (TMP / "back").unlink(missing_ok=True)
    return tool("get", BUCKET, "object", TMP / "back", code=code, **options)


def refusals(tool, proxy, server):
    for name, act in (("503 SlowDown", error(503, "SlowDown")), ("500", answer(500)), ("429", answer(429)), ("502", answer(502)),
                      ("504 with a page", answer(504, b"<html>Gateway</html>")), ("400 RequestTimeout", error(400, "RequestTimeout")),
                      ("no answer", dropped)):
        proxy.reset(first(3, act))
        result = get(tool)
        check(result.status == "S3_OK" and got() == BODY, f"{name}, three times, then the object", result.last)
        equal((result.budget["retries"], result.budget["class_b"], len(proxy.requests)), (3, 4, 4), "three repetitions are counted")
        proxy.reset(lambda request, act=act: act)
        result = get(tool, code=1)
        check(result.status in ("S3_BUSY", "S3_LOST") and "tried 6 times" in result.error, f"{name}, always: an error", result.last)
        equal(len(proxy.requests), 6, "after six attempts")
    proxy.reset(lambda request: error(403, "AccessDenied"))
    equal((get(tool, code=1).status, len(proxy.requests)), ("S3_FORBIDDEN", 1), "403 is not tried again")
    proxy.reset(first(1, error(503, "SlowDown", Retry_After="0")))
    equal(get(tool).status, "S3_OK", "Retry-After: 0")
    proxy.reset(first(1, error(503, "SlowDown", Retry_After="3600")))
    equal((get(tool, code=1).status, len(proxy.requests)), ("S3_BUSY", 1), "Retry-After: an hour is not waited for")
    for code, status in (("ExpiredToken", "S3_CREDENTIALS"), ("RequestTimeTooSkewed", "S3_CLOCK"), ("InvalidAccessKeyId", "S3_CREDENTIALS")):
        proxy.reset(lambda request, code=code: error(403, code) if request.method != "HEAD" else answer(403))
        result = tool("head", BUCKET, "object", code=1)
        check(result.status == status and code in result.error, f"HEAD: {code} is found out", result.last)


def cuts(tool, proxy, server):
    etag = hashlib.md5(BODY).hexdigest()
    for name, rule in (("cut", lambda r: cut(_random.randint(5000, 300000))),
                       ("cut, and now and then refused", lambda r: error(503, "SlowDown") if r.number % 3 == 1 else cut(_random.randint(5000, 300000))),
                       ("cut within the last bytes", lambda r: cut(len(BODY) - 1) if r.number == 0 else None)):
        proxy.reset(rule)
        result = get(tool)
        check(result.status == "S3_OK" and got() == BODY, f"{name}: {len(proxy.requests)} requests, the right bytes", result.last)
        equal(result.budget["bytes_in"] >= len(BODY), True, "bytes are counted")
        later = [r for r in proxy.requests[1:]]
        check(later and all(r.headers["If-Match"] == f'"{etag}"' and r.headers["Range"].endswith("-") for r in later),
              "each goes on where the last one ended, in the same object")
    proxy.reset(lambda r: cut(100000) if r.number == 0 else cut(0))
    result = get(tool, code=1)
    check(result.status == "S3_LOST" and BODY.startswith(got()), "nothing comes any more: an error", result.last)
    equal(len(proxy.requests), 6, "after six attempts without progress")
    proxy.reset(lambda r: cut(200000, stall=30) if r.number == 0 else None)
    result = get(tool, stall_ms=300)
    check(result.status == "S3_OK" and got() == BODY and len(proxy.requests) == 2, "a stall is noticed, and reading goes on", result.last)
    proxy.reset(lambda r: cut(200000, drip=0.05) if r.number == 0 else None)
    result = get(tool, stall_ms=1000)
    check(result.status == "S3_OK" and got() == BODY and len(proxy.requests) == 2, "so is a trickle", result.last)
    proxy.reset(first(2, cut(50)))
    result = tool("list", BUCKET, "object")
    check(result.status == "S3_OK" and [o["key"] for o in result.lines] == ["object"], "a listing that is cut is asked for again", result.last)
    equal((result.budget["retries"], len(proxy.requests)), (2, 3), "twice")


def lies(tool, proxy, server):
    client = server.client()

    def replace_then_pass(request):
        if request.number == 0:
            return cut(100000)
        client.put_object(Bucket=BUCKET, Key="object", Body=b"another" * 100000)
        return None
    proxy.reset(replace_then_pass)
    result = get(tool, code=1)
    check(result.status == "S3_CHANGED" and BODY.startswith(got()), "an object that is replaced meanwhile is an error", result.last)
    client.put_object(Bucket=BUCKET, Key="object", Body=BODY)

    def whole(status, headers, body):
        return 200, headers, BODY
    proxy.reset(lambda r: cut(100000) if r.number == 0 else changed(whole))
    result = get(tool, code=1)
    check(result.status == "S3_UNKNOWN" and BODY.startswith(got()), "a server that does not go on where we were", result.last)

    def flipped(status, headers, body):
        return status, headers, body[:1000] + bytes([body[1000] ^ 1]) + body[1001:]
    proxy.reset(lambda r: changed(flipped))
    equal(get(tool, code=1).status, "S3_DAMAGED", "one bit is wrong")
    proxy.reset(lambda r: changed(lambda status, headers, body: (status, headers, body[:-1])))
    equal(get(tool, code=1).status, "S3_DAMAGED", "the last byte is missing, and Content-Length agrees")
    proxy.reset(lambda r: answer(200, b"<html>welcome</html>"))
    equal(tool("list", BUCKET, code=1).status, "S3_UNKNOWN", "a page instead of a listing")
    proxy.reset(lambda r: answer(200, b"<!DOCTYPE a [<!ENTITY b 'b'>]><ListBucketResult>&b;</ListBucketResult>"))
    check("document type" in tool("list", BUCKET, code=1).error, "a document type in a listing")
    proxy.reset(lambda r: answer(200, b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>"))
    tool("list", BUCKET)
    equal(len(proxy.requests), 2, "a listing that turns in a circle ends")
    proxy.reset(lambda r: answer(200, BODY, **{f"X-{i}": "x" * 1000 for i in range(80)}))
    result = get(tool, code=1)
    check(result.status == "S3_UNKNOWN" and "headers" in result.error, "80 kB of headers", result.last)
    proxy.reset(lambda r: answer(200, b" " * (17 * MIB)))
    result = tool("list", BUCKET, code=1)
    check(result.status == "S3_UNKNOWN" and "larger" in result.error, "17 MiB of listing", result.last)
    proxy.reset(lambda r: answer(403, b" " * (17 * MIB)))
    equal(get(tool, code=1).status, "S3_FORBIDDEN", "17 MiB of error")


def is_part(request):
    return request.method == "PUT" and "partNumber=" in request.path


def is_complete(request):
    return request.method == "POST" and "uploadId=" in request.path


def uploads(tool, proxy, server):
    client = server.client()
    body = random.Random(3).randbytes(2 * PART + 777)
    (TMP / "file").write_bytes(body)

    def send(rule, code=0):
        proxy.reset(rule)
        client.delete_object(Bucket=BUCKET, Key="file")
        return tool("upload", BUCKET, "file", TMP / "file", part_bytes=PART, code=code)

    def arrived(result, what):
        back = client.get_object(Bucket=BUCKET, Key="file")
        check(result.status == "S3_OK" and back["Body"].read() == body and back["ETag"] == f'"{result.last["etag"]}"', what, result.last)

    def left_behind():
        return client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])

    seen = set()

    def once(matches, act):
        """The first request of each path that matches gets `act`."""
        seen.clear()

        def rule(request):
            if not matches(request) or request.path in seen:
                return None
            seen.add(request.path)
            return act
        return rule

    arrived(send(once(is_part, error(500, "InternalError"))), "every part is refused once")
    arrived(send(once(is_part, lost)), "the answer to every part is lost once")
    arrived(send(once(is_complete, error(200, "InternalError"))), "the end is an error with status 200, once")
    arrived(send(once(is_complete, answer(200, b"\n \n<?xml version='1.0'?>\n<Error><Code>SlowDown</Code></Error>"))), "with blanks before it")
    arrived(send(once(is_complete, lost)), "the answer to the end is lost")

    def lost_then_unknown(request):
        if not is_complete(request):
            return None
        if "lost" not in seen:
            seen.add("lost")
            return lost
        return error(404, "NoSuchUpload")
    seen.clear()
    arrived(send(lost_then_unknown), "and the server forgets the upload: the object is ours")
    result = send(lambda r: error(404, "NoSuchUpload") if is_complete(r) else None, code=1)
    equal(result.status, "S3_NO_UPLOAD", "the upload was removed by somebody: an error")
    equal(left_behind(), [], "nothing is left behind")
    result = send(lambda r: error(503, "SlowDown") if is_part(r) and "partNumber=2" in r.path else None, code=1)
    equal((result.status, left_behind()), ("S3_BUSY", []), "a part that cannot be sent: the upload is removed")
    result = send(lambda r: error(200, "InternalError") if is_complete(r) else None, code=1)
    equal((result.status, left_behind()), ("S3_BUSY", []), "an end that never comes: the same")
    check(len([r for r in proxy.requests if is_complete(r)]) == 6, "after six attempts")
    result = send(lambda r: error(403, "AccessDenied") if is_part(r) or r.method == "DELETE" else None, code=1)
    check(result.status == "S3_FORBIDDEN" and "still there" in result.error, "where removing fails, too, that is said", result.last)
    for upload in left_behind():
        client.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])

    def shorten(request):
        if is_part(request) and "partNumber=1" in request.path:
            with open(TMP / "file", "r+b") as file:
                file.truncate(PART + 5)
        return None
    result = send(shorten, code=1)
    check(result.status == "S3_LOCAL" and "shorter" in result.error, "a file that shrinks meanwhile", result.last)
    equal(left_behind(), [], "leaves nothing")


def cancels(tool, proxy, server):
    (TMP / "file").write_bytes(bytes(3 * PART))
    cases = [
        ("get", ("get", BUCKET, "object", TMP / "back"), lambda r: cut(1000, stall=60), {}),
        ("waiting to try again", ("get", BUCKET, "object", TMP / "back"), lambda r: error(503, "SlowDown", Retry_After="20"), {}),
        ("upload", ("upload", BUCKET, "file", TMP / "file"), lambda r: cut(0, stall=60) if is_part(r) and "partNumber=2" in r.path else None,
         {"part_bytes": PART}),
    ]
    for name, words, rule, options in cases:
        proxy.reset(rule)
        process = tool.start(*words, **options)
        deadline = time.monotonic() + 20
        while not any(rule(r) for r in list(proxy.requests)) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=10)
        check('"status":"S3_STOPPED"' in out and process.returncode == 1, f"{name}: stopped on request", out)
    uploads_left = server.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    equal(uploads_left, [], "what was sent is removed")


def redirects(tool, proxy, server):
    other = Proxy(server.http)
    # The other proxy sees its own port in Host, and must: what is signed is the new host.
    moved = answer(307, b"", Location=f"{other.url}/{BUCKET}/object")
    proxy.reset(lambda r: moved)
    result = tool("sums", BUCKET, "object", threads=1, limit=4 * MIB)
    check([o["status"] for o in result.lines] == ["S3_OK"], "another port of the same host is followed", result.last)
    equal((len(proxy.requests), len(other.requests)), (1, 2), "and remembered")
    proxy.reset(lambda r: answer(301, f"<Error><Code>PermanentRedirect</Code><Endpoint>127.0.0.1:{other.server_port}</Endpoint></Error>".encode()))
    equal(get(tool).status, "S3_OK", "so is an Endpoint in a document")
    proxy.reset(lambda r: answer(307, b"", Location="http://evil.example/x"))
    equal((get(tool, code=1).status, len(proxy.requests)), ("S3_REFUSED", 1), "another host is not")
    other.reset(lambda r: answer(307, b"", Location=proxy.url + "/x"))
    proxy.reset(lambda r: answer(307, b"", Location=other.url + "/x"))
    result = get(tool, code=1)
    equal((result.status, len(proxy.requests) + len(other.requests)), ("S3_REFUSED", 3), "a circle ends after two steps")
    elsewhere = tool.with_environment(AWS_REGION="eu-west-1")
    proxy.reset(lambda r: answer(301, b"", **{"x-amz-bucket-region": server.region}) if r.number == 0 else None)
    equal((elsewhere("head", BUCKET, "object").status, len(proxy.requests)), ("S3_OK", 2), "the region in a header of the answer to HEAD")
    proxy.reset(lambda r: answer(301, b"", **{"x-amz-bucket-region": "evil/../x"}))
    equal(get(tool, code=1).status, "S3_REFUSED", "a region that is none")
    other.shutdown()


def main():
    server = start(S3Server())
    server.make_bucket(BUCKET)
    server.client().put_object(Bucket=BUCKET, Key="object", Body=BODY)
    proxy = Proxy(server.http)
    tool = Tool(sys.argv[3], server, AWS_ENDPOINT_URL=proxy.url)
    for step in (refusals, cuts, lies, uploads, cancels, redirects):
        started = time.monotonic()
        step(tool, proxy, server)
        print(f"-- {step.__name__}: {time.monotonic() - started:.1f} s")
    proxy.shutdown()
    finish()


main()
