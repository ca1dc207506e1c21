"""A market in a bucket in the exchange's own layout, lakes in another, and vigil with the keys to both."""

import pathlib
import shutil

from e2e import ROOT, TMP, at_end, environment, hour_files, skip, vigil

import sys
sys.path.insert(0, str(ROOT / "tests/services"))
from s3 import S3Server  # noqa: E402

SOURCE, LAKES = "hl-mainnet-node-data", "lakes"


def start_server(**options):
    lacking = S3Server.missing()
    if lacking:
        skip(lacking)
    server = S3Server(**options)
    server.start()
    at_end(server.stop)
    for bucket in (SOURCE, LAKES):
        server.make_bucket(bucket)
    return server


class World:
    """vigil(…) against an endpoint, with a mirror of its own."""

    def __init__(self, server, endpoint, name="mirror", **changes):
        self.server, self.mirror = server, TMP / name
        settings = dict(
            AWS_ENDPOINT_URL=endpoint, AWS_CA_BUNDLE=server.ca_file, AWS_REGION=server.region,
            AWS_ACCESS_KEY_ID=server.access_key, AWS_SECRET_ACCESS_KEY=server.secret_key,
            AWS_EC2_METADATA_DISABLED="true", HOME="/nonexistent", NO_PROXY="*", no_proxy="*",
            VIGIL_MIRROR=self.mirror)
        self.env = environment(**{**settings, **changes})
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
            if name not in changes:
                self.env.pop(name, None)

    def vigil(self, *words, **options):
        return vigil(*words, env=self.env, **options)

    def forget_mirror(self):
        shutil.rmtree(self.mirror, ignore_errors=True)


def upload(client, market, files=None):
    """Hour files of a market under their keys."""
    for path in files or hour_files(market):
        client.put_object(Bucket=SOURCE, Key=str(path.relative_to(market)), Body=path.read_bytes())


def keys(client, bucket, prefix=""):
    """Key -> size."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {o["Key"]: o["Size"] for page in pages for o in page.get("Contents", [])}


def download(client, prefix, folder):
    """A lake as files, by an independent client."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    for key in keys(client, LAKES, prefix):
        path = folder / key[len(prefix):]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(client.get_object(Bucket=LAKES, Key=key)["Body"].read())
    return folder


def unfinished(client):
    return client.list_multipart_uploads(Bucket=LAKES).get("Uploads", [])
