"""Runs net_tool against an S3 server; shared by the tests of the S3 client."""

import json
import os
import subprocess

from e2e import check


class Result:
    """Lines of an operation, and what its last one says."""

    def __init__(self, output):
        *self.lines, self.last = [json.loads(line) for line in output.splitlines()]
        self.status = self.last["status"]
        self.error = self.last.get("error", "")
        self.budget = self.last.get("budget")


class Tool:
    """tool("get", bucket, key, file, chunk=1000) runs `net_tool get bucket key file --chunk 1000`."""

    def __init__(self, path, server, **environment):
        self.path, self.server = path, server
        self.environment = {
            "AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key, "AWS_REGION": server.region,
            "AWS_ENDPOINT_URL": server.http, "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent", **environment}

    def with_environment(self, **more):
        return Tool(self.path, self.server, **{**self.environment, **more})

    def start(self, *words, **options):
        flags = []
        for name, value in options.items():
            flags += ["--" + name.replace("_", "-")] + ([] if value is True else [str(value)])
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and "proxy" not in k.lower()}
        return subprocess.Popen([self.path, *map(str, words), *flags], env={**kept, **self.environment}, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)

    def __call__(self, *words, code=0, **options):
        process = self.start(*words, **options)
        out, errors = process.communicate(timeout=120)
        if process.returncode != code or errors:
            check(False, f"net_tool {' '.join(map(str, words))[:200]}: exit {process.returncode}, not {code}", out[-1500:] + errors[-1500:])
        return Result(out)
