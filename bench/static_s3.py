"""The least S3 server that a benchmark needs: lists and hands out the files below a folder, and checks nothing.

    static_s3.py FOLDER       prints its port
"""

import hashlib
import http.server
import os
import pathlib
import sys
import urllib.parse

ROOT = pathlib.Path(sys.argv[1])
FILES = {str(p.relative_to(ROOT)): (p, hashlib.md5(p.read_bytes()).hexdigest()) for p in sorted(ROOT.rglob("*.lz4"))}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if "list-type" in query:
            self.list(query.get("prefix", ""), query.get("start-after", ""))
            return
        path, etag = FILES[urllib.parse.unquote(url.path).split("/", 2)[2]]
        self.send_response_only(200)
        self.send_header("Content-Length", str(path.stat().st_size))
        self.send_header("ETag", f'"{etag}"')
        self.end_headers()
        self.wfile.flush()
        with open(path, "rb") as file:
            at, left = 0, path.stat().st_size
            while left:
                sent = os.sendfile(self.connection.fileno(), file.fileno(), at, left)
                at, left = at + sent, left - sent

    def list(self, prefix, after):
        items = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-05-02T00:00:00.000Z</LastModified><ETag>&quot;{etag}&quot;"
            f"</ETag><Size>{path.stat().st_size}</Size></Contents>"
            for key, (path, etag) in FILES.items() if key.startswith(prefix) and key > after)
        body = f"<?xml version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>".encode()
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
