"""Signatures: random requests, signed by Vigil and by botocore, must come out byte for byte the same.

S3: keys with every kind of byte, virtual-host and path style, query values of all kinds, session tokens, further
signed headers, hashed and unsigned bodies. Other services: the path encoded twice.
"""

import datetime
import json
import random
import subprocess
import sys
from urllib.parse import quote

from e2e import check, equal, finish, skip

try:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    skip("python3-botocore is not installed")

TOOL = sys.argv[3]
SAFE = "-._~"
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
KEYS = ["node_fills_by_block/hourly/20251101/7.lz4", "fills/date=2025-11-01/part-0000.parquet", "a b", "a+b", "a%20b",
        "a%2Fb", "100%", "//", "a//b", "/leading", "trailing/", "..", "a/../b", "./a", "a/.", "é/日本", "\U0001f600",
        "a?b#c", "a&b=c;d", "!$'()*,:@[]", "\\back\"slash", "tab\there", "~tilde-dash_under.dot", "\x7f\u0080", "="]
ALPHABET = "abzAZ09-._~ +%=&/?#:;,@!$'()*[]{}|\\^`\"<>é日\U0001f600\t"
_random = random.Random(20251101)
_now = None


class FrozenTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return _now


class Given(botocore.auth.S3SigV4Auth):
    """botocore's signer for S3 with a hash that is given, as for a body that is streamed."""

    def payload(self, request):
        return request.context["hash"]


class GivenOther(botocore.auth.SigV4Auth):
    def payload(self, request):
        return request.context["hash"]


def text(longest):
    return "".join(_random.choice(ALPHABET) for _ in range(_random.randint(0, longest)))


def make(number):
    s3 = number % 5 != 4
    key = KEYS[number % len(KEYS)] if number < 2 * len(KEYS) else text(40)
    bucket = _random.choice(["examplebucket", "my.dotted.bucket", "b-1"])
    if not s3:
        host, path = "lambda.eu-west-1.amazonaws.com", "/2015/f" + text(12).replace("/", "") + "/x:y z"
    elif _random.random() < 0.5:
        host, path = f"{bucket}.s3.us-west-2.amazonaws.com", "/" + key
    else:
        host, path = "127.0.0.1:9000", f"/{bucket}/{key}"
    names = ["prefix", "delimiter", "uploads", "partNumber", "continuation-token", "a", "a-b", "a.b", "A", "é"]
    query = [[n, text(30)] for n in _random.sample(names, _random.randint(0, 5))]
    headers = [[n, v] for n, v in [["x-amz-request-payer", "requester"], ["Range", "bytes=5-99"],
                                   ["Content-Type", "text/plain;  charset=utf-8 "], ["If-Match", '"abc"'],
                                   ["x-amz-meta-note", "  two   blanks "]] if _random.random() < 0.4]
    token = "".join(_random.choice("abcXYZ019/+=") for _ in range(200)) if _random.random() < 0.5 else None
    return {
        "method": _random.choice(["GET", "HEAD", "PUT", "POST", "DELETE"]), "host": host, "path": path, "query": query,
        "headers": headers, "payload_hash": _random.choice([HASH, "UNSIGNED-PAYLOAD"]) if s3 else HASH,
        "region": _random.choice(["us-east-1", "ap-northeast-1", "eu-west-1"]), "service": "s3" if s3 else "lambda",
        "access_key": f"AKID{number}", "secret_key": "secret/+" + str(number) * 3,
        **({"session_token": token} if token else {}), "time": _random.randint(1_000_000_000, 4_000_000_000),
    }


def expected(r):
    """Target and Authorization by botocore; the target is what urllib makes of the raw key."""
    global _now
    _now = datetime.datetime.utcfromtimestamp(r["time"])
    target = quote(r["path"], safe=SAFE + "/")
    request = AWSRequest(r["method"], f"https://{r['host']}{target}", headers=dict(r["headers"]), params=dict(r["query"]))
    request.headers["host"] = r["host"]
    request.context["hash"] = r["payload_hash"]
    signer = Given if r["service"] == "s3" else GivenOther
    credentials = Credentials(r["access_key"], r["secret_key"], r.get("session_token"))
    signer(credentials, r["service"], r["region"]).add_auth(request)
    pairs = sorted((quote(k, safe=SAFE), quote(v, safe=SAFE)) for k, v in r["query"])
    if pairs:
        target += "?" + "&".join(f"{k}={v}" for k, v in pairs)
    return target, request.headers


def main():
    botocore.auth.datetime.datetime = FrozenTime
    requests = [make(n) for n in range(1000)]
    out = subprocess.run([TOOL, "sign"], input="".join(json.dumps(r) + "\n" for r in requests), text=True, check=True,
                         stdout=subprocess.PIPE).stdout.splitlines()
    equal(len(out), len(requests), "every request is answered")
    targets = headers = 0
    for r, line in zip(requests, out):
        ours, (target, theirs) = json.loads(line), expected(r)
        names = ["x-amz-date", "authorization"] + (["x-amz-content-sha256"] if r["service"] == "s3" else [])
        names += ["x-amz-security-token"] if "session_token" in r else []
        good = ours["headers"] == {n: theirs[n] for n in names}
        targets += ours["target"] == target
        headers += good
        if ours["target"] != target or not good:
            check(False, f"a request of {r['service']}", f"{r}\nours   {ours}\ntheirs {target} {dict(theirs)}")
    equal(targets, len(requests), "targets as urllib encodes them")
    equal(headers, len(requests), "headers and signatures as botocore makes them")
    finish()


main()
