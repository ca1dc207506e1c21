#!/usr/bin/env -S python3 -B
"""The fault-injecting proxy of tests/services does what it is told, and nothing else, before a real S3 server."""

import concurrent.futures
import http.client
import socket
import threading
import time

from e2e import check, equal, finish, skip, start
from faulty import FaultyProxy, answer, call, cut, delay, hang, reset, stall, truncate
from faulty_tcp import FaultyTcp
from s3 import S3Server

try:
    import botocore.exceptions
    import urllib3.exceptions
    from botocore.config import Config
except ImportError:
    skip(S3Server.missing())

BODY = bytes(range(256)) * 4096
s3 = start(S3Server())
s3.make_bucket("bucket")
straight = s3.client()
for number in range(20):
    straight.put_object(Bucket="bucket", Key=f"k {number}", Body=BODY)
proxy = start(FaultyProxy(s3.http, seed=5))
client = s3.client(endpoint_url=proxy.url)


def outcome(key="k 1"):
    """What a client sees of one GET: its bytes when it is whole, or the kind of failure."""
    try:
        return client.get_object(Bucket="bucket", Key=key)["Body"].read()
    except botocore.exceptions.ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    except (botocore.exceptions.BotoCoreError, urllib3.exceptions.HTTPError) as error:
        return type(error).__name__


def bare():
    """One GET without a library that hides things: what arrived, and how the connection ended."""
    url = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k 1"})
    host = url.split("/")[2]
    request = f"GET {url.partition(host)[2]} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    found = b""
    with socket.create_connection(host.split(":"), timeout=60) as connection:
        connection.sendall(request.encode())
        try:
            while piece := connection.recv(1 << 20):
                found += piece
        except ConnectionResetError:
            return found, "reset"
    return found, "closed"


def body_of(found):
    return found.partition(b"\r\n\r\n")[2]


# Without faults it is invisible.
check(outcome() == BODY, "a GET is signed for the proxy's address and accepted")
client.put_object(Bucket="bucket", Key="new/a+b é", Body=BODY[:1000])
client.put_object(Bucket="bucket", Key="new/empty", Body=b"")
equal(straight.get_object(Bucket="bucket", Key="new/a+b é")["Body"].read(), BODY[:1000],
      "a PUT passes, its key encoded")
equal(client.head_object(Bucket="bucket", Key="k 1")["ContentLength"], len(BODY), "HEAD tells the length")
equal([entry["Key"] for entry in client.list_objects_v2(Bucket="bucket", Prefix="new/")["Contents"]],
      ["new/a+b é", "new/empty"], "a listing, which has no length of its own")
client.delete_object(Bucket="bucket", Key="new/empty")
equal(outcome("new/empty"), (404, "NoSuchKey"), "DELETE, and a refusal of the server itself")
equal(client.get_object(Bucket="bucket", Key="k 1", Range="bytes=5-9")["Body"].read(), BODY[5:10], "a range")
equal(proxy.count("GET", "^/bucket/k 1$"), 2, "requests are counted by method and path")
equal(proxy.seen[-1].headers["Range"], "bytes=5-9", "and kept with their headers")
body, ending = bare()
check(body_of(body) == BODY and ending == "closed", "nothing is lost on a connection that is to close")

# Answers in the server's place.
proxy.clear()
proxy.add(answer(503, "SlowDown"), method="GET", path="/k", share=0.4)
fates = [outcome(f"k {number}") for number in range(20)] + [outcome("k 1") for _ in range(80)]
slow = [fate == (503, "SlowDown") for fate in fates]
check(25 <= sum(slow) <= 55 and all(fate == BODY for fate in fates if fate != (503, "SlowDown")),
      f"a share of 0.4 strikes {sum(slow)} of 100, the rest is whole")
twin = start(FaultyProxy(s3.http, seed=5))
twin.add(answer(503, "SlowDown"), method="GET", path="/k", share=0.4)
here, client = client, s3.client(endpoint_url=twin.url)
with concurrent.futures.ThreadPoolExecutor(4) as threads:
    again = list(threads.map(lambda number: outcome(f"k {number}"), range(20)))
equal([fate == (503, "SlowDown") for fate in again], slow[:20],
      "the same seed strikes the same requests, of four threads")
client = here
proxy.clear()
proxy.add(answer(500, "InternalError"), path="/k", first=2)
equal([outcome("k 1"), outcome("k 1"), outcome("k 2")], [(500, "InternalError")] * 3, "the first two of each key")
check(outcome("k 1") == BODY, "and the third is served")
proxy.clear()
proxy.add(answer(403, "AccessDenied"), path=r"/k 1\d$")
check([outcome("k 12"), outcome("k 1")] == [(403, "AccessDenied"), BODY], "keys that match a pattern are forbidden")
plain = http.client.HTTPConnection(proxy.url.removeprefix("http://"))
plain.request("HEAD", "/bucket/k%2011")
refused = plain.getresponse()
refused.read()
plain.request("HEAD", "/bucket/k%2012")
equal([refused.status, plain.getresponse().status], [403, 403],
      "a refused HEAD has no body, its connection stays usable")
plain.close()

# Broken connections and bodies.
for fault, what, end, parts in ((cut(1000), "cut after 1000 bytes", "reset", 1000),
                                (truncate(1000), "ended early against its length", "closed", 1000),
                                (truncate(1000, honest=True), "shortened with the length that fits", "closed", 1000),
                                (stall(0.2, 1000), "stalled, then closed", "closed", 1000),
                                (reset(), "reset before an answer", "reset", 0),
                                (hang(0.2), "silent, then closed", "closed", 0)):
    proxy.clear()
    proxy.add(fault)
    found, ending = bare()
    length = 1000 if "fits" in what else len(BODY)
    head_right = not found or f"content-length: {length}\r\n" in found.decode(errors="replace").lower()
    check(ending == end and body_of(found) == BODY[:parts] and head_right,
          f"a body {what}" if parts else f"a connection {what}",
          f"{ending}, {len(body_of(found))} bytes, {found[:400]}")
    seen = outcome()
    check(seen == BODY[:1000] if "fits" in what else isinstance(seen, str),
          f"  boto3 sees {seen if isinstance(seen, str) else 'a short object'}")
proxy.clear()
proxy.add(cut())
lengths = {len(body_of(bare()[0])) for _ in range(6)}
check(len(lengths) == 6 and max(lengths) < len(BODY), "cut after a random number of bytes", lengths)
patient = s3.client(endpoint_url=proxy.url, config=Config(retries={"total_max_attempts": 4, "mode": "standard"}))
proxy.clear()
proxy.add(answer(503, "SlowDown"), method="GET", first=2)
check(patient.get_object(Bucket="bucket", Key="k 3")["Body"].read() == BODY and proxy.count("GET", "k 3$") == 3,
      "a client that tries again succeeds at the third time")

# Hooks and delays.
proxy.clear()
proxy.add(call(lambda request: straight.put_object(Bucket="bucket", Key=request.path.rpartition("/")[2], Body=b"new")),
          method="GET", path="/k 7$", first=1)
listed = {entry["Key"]: entry["Size"] for entry in client.list_objects_v2(Bucket="bucket")["Contents"]}
equal([listed["k 7"], outcome("k 7")], [len(BODY), b"new"], "an object is replaced between LIST and GET")
proxy.clear()
proxy.add(delay(0.3))
begin = time.monotonic()
check(outcome() == BODY and time.monotonic() - begin >= 0.3, "a delay, then the answer")
proxy.clear()
proxy.add(hang(600))
waiting = threading.Thread(target=outcome)
waiting.start()
while not proxy.count():
    time.sleep(0.01)
proxy.stop()
waiting.join(timeout=30)
check(not waiting.is_alive(), "a proxy that stops lets nobody wait")

# The same for any TCP connection: here TLS to the S3 server, with a certificate that stays right.
link = start(FaultyTcp("127.0.0.1", int(s3.https.rpartition(":")[2])))
client = s3.client(endpoint_url=f"https://127.0.0.1:{link.port}")
check(outcome() == BODY and link.connections == 1, "TCP: TLS passes through")
link.reset_all()
link.reset_after(5000)
client = s3.client(endpoint_url=f"https://127.0.0.1:{link.port}")
equal(outcome(), "ResponseStreamingError", "TCP: TLS is reset after 5000 bytes")

plain = start(FaultyTcp("127.0.0.1", int(s3.http.rpartition(":")[2])))
client = s3.client(endpoint_url=f"http://127.0.0.1:{plain.port}")
body, ending = bare()
check(body_of(body) == BODY and ending == "closed", "TCP: nothing is lost, and the end is passed on")
for count in (0, 1, 5000, 300000):
    plain.reset_after(count)
    body, ending = bare()
    equal([len(body), ending], [count, "reset"], f"TCP: reset after {count} bytes")
plain.reset_after(None)
plain.hold()
waiting = threading.Thread(target=lambda: ends.append(bare()))
ends = []
waiting.start()
waiting.join(timeout=0.3)
check(waiting.is_alive(), "TCP: held, nothing passes")
plain.resume()
waiting.join(timeout=60)
check(ends and body_of(ends[0][0]) == BODY, "TCP: and all of it when resumed")
ends.clear()
plain.hold()
waiting = threading.Thread(target=lambda: ends.append(bare()))
came = plain.connections
waiting.start()
while plain.connections == came:
    time.sleep(0.01)
plain.reset_all()
waiting.join(timeout=60)
equal(ends, [(b"", "reset")], "TCP: an open connection is reset")
plain.resume()
plain.refuse()
check(outcome() in ("ConnectionClosedError", "EndpointConnectionError"), "TCP: new connections are refused")
plain.accept()
check(outcome() == BODY, "TCP: and accepted again")

finish()
