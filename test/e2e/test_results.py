"""The services that JavaScript actions talk to: the recorded protocol, and the real clients (github-actions 12)."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import shutil
import subprocess
import threading
import urllib.parse
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import ROOT, Place

BUILD = Path(os.environ.get("SLIPWAY_DEV", ROOT / "build-dev" / "slipway")).parent
PROGRAM = BUILD / "test" / "unit" / "results" / "results_serve"
ARTIFACTS = "/twirp/github.actions.results.api.v1.ArtifactService/"
CACHES = "/twirp/github.actions.results.api.v1.CacheService/"
V1 = "/_apis/artifactcache/"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Service:
    path: Path
    refs: str = "refs/heads/main"
    jobs: tuple[str, ...] = ("1", "2")
    max_bytes: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Service":
        if not PROGRAM.exists():
            pytest.skip(f"{PROGRAM} is not built: make dev")
        self.process = subprocess.Popen(
            [str(PROGRAM), self.path / "run" / "7", self.path / "cache", str(self.max_bytes), self.refs, *self.jobs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        self.tokens = {job: self.process.stdout.readline().strip() for job in self.jobs}
        assert self.url.startswith("http://127.0.0.1:"), self.process.stderr.read()
        return self

    def __exit__(self, *_: object) -> None:
        _, err = self.process.communicate(timeout=60)
        assert (self.process.returncode, err) == (0, "")

    def ask(self, method: str, path: str, body: bytes | None = None, job: str | None = "1", **headers: str) -> Reply:
        where = urllib.parse.urlsplit(urllib.parse.urljoin(self.url, path))
        link = http.client.HTTPConnection("127.0.0.1", where.port, timeout=60)
        names = {k.replace("_", "-"): v for k, v in headers.items()}
        if job is not None and "Authorization" not in names:
            names["Authorization"] = f"Bearer {self.tokens[job]}"
        link.request(method, where.path + (f"?{where.query}" if where.query else ""), body, names)
        got = link.getresponse()
        reply = Reply(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        link.close()
        return reply

    def call(self, path: str, what: dict, job: str = "1") -> Reply:
        return self.ask("POST", path, json.dumps(what).encode(), job, Content_Type="application/json")

    def put(self, url: str, data: bytes) -> Reply:
        return self.ask("PUT", url, data, None, x_ms_blob_type="BlockBlob")

    def ids(self, job: str = "1") -> dict[str, str]:
        payload = self.tokens[job].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        name, run, own = claims["scp"].split(":")
        assert name == "Actions.Results"
        return {"workflow_run_backend_id": run, "workflow_job_run_backend_id": own}

    def artifact(self, what: str, job: str = "1", **more: object) -> Reply:
        return self.call(ARTIFACTS + what, {**self.ids(job), **more}, job)

    def upload(self, name: str, data: bytes, job: str = "1", **more: object) -> Reply:
        made = self.artifact("CreateArtifact", job, name=name, version=7, **more)
        if made.status != 200:
            return made
        assert self.put(made.json()["signed_upload_url"], data).status == 201
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        return self.artifact("FinalizeArtifact", job, name=name, size=str(len(data)), hash=digest)

    def listed(self, **filters: object) -> list[dict]:
        return self.artifact("ListArtifacts", **filters).json()["artifacts"]

    def download(self, name: str) -> Reply:
        url = self.artifact("GetSignedArtifactURL", name=name).json()["signed_url"]
        return self.ask("GET", url, job=None)

    def save(self, key: str, data: bytes, version: str = "v", job: str = "1") -> Reply:
        made = self.call(CACHES + "CreateCacheEntry", {"key": key, "version": version}, job)
        if made.status != 200 or not made.json()["ok"]:
            return made
        assert self.put(made.json()["signed_upload_url"], data).status == 201
        return self.call(
            CACHES + "FinalizeCacheEntryUpload", {"key": key, "version": version, "size_bytes": str(len(data))}, job
        )

    def restore(self, key: str, *restore_keys: str, version: str = "v") -> tuple[str, bytes] | None:
        what = {"key": key, "restore_keys": list(restore_keys), "version": version}
        got = self.call(CACHES + "GetCacheEntryDownloadURL", what).json()
        if not got["ok"]:
            return None
        return got["matched_key"], self.ask("GET", got["signed_download_url"], job=None).body


@pytest.fixture
def service(tmp_path: Path):
    with Service(tmp_path) as s:
        yield s


# ---- tokens ----


def test_a_token_is_shaped_as_clients_read_it(service: Service) -> None:
    head, payload, _ = service.tokens["1"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert claims["exp"] > claims["nbf"]
    assert json.loads(claims["ac"]) == [{"Scope": "refs/heads/main", "Permission": 3}]
    assert service.ids("1")["workflow_run_backend_id"] == service.ids("2")["workflow_run_backend_id"]
    assert service.ids("1") != service.ids("2")


def test_without_a_good_token_nothing_is_told(service: Service, tmp_path: Path) -> None:
    good = service.tokens["1"]
    head, payload, signature = good.split(".")
    other = base64.urlsafe_b64encode(base64.urlsafe_b64decode(payload + "==").replace(b'"job":"1"', b'"job":"2"'))
    forged = f"{head}.{other.decode().rstrip('=')}.{signature}"
    swapped = f"{head}.{payload}.{signature[::-1]}"
    (tmp_path / "other").mkdir()
    with Service(tmp_path / "other") as another:
        foreign = another.tokens["1"]
    for text in ["", "Bearer", "Bearer ", "Bearer x", f"Basic {good}", good, *map("Bearer {}".format, (
        forged, swapped, foreign, f"{head}.{payload}", f"{head}.{payload}.", f"{good}x", f"{good}.{signature}"))]:
        for method, path in [("POST", ARTIFACTS + "ListArtifacts"), ("POST", CACHES + "CreateCacheEntry"),
                             ("GET", V1 + "cache?keys=a&version=b"), ("PATCH", V1 + "caches/1")]:
            reply = service.ask(method, path, b"{}", None, Authorization=text)
            assert (reply.status, reply.json()["code"]) == (401, "unauthenticated"), text
    assert service.ask("POST", ARTIFACTS + "ListArtifacts", b"{}", None).status == 401


def test_a_job_acts_for_itself_only(service: Service) -> None:
    mine, other = service.ids("1"), service.ids("2")
    made = service.call(ARTIFACTS + "CreateArtifact", {**other, "name": "a", "version": 7}, "1")
    assert (made.status, made.json()["code"]) == (403, "permission_denied")
    foreign = {**mine, "workflow_run_backend_id": "00000000-0000-4000-8000-000000000000"}
    for what in ("CreateArtifact", "FinalizeArtifact", "ListArtifacts", "GetSignedArtifactURL", "DeleteArtifact"):
        assert service.call(ARTIFACTS + what, {**foreign, "name": "a", "size": "1"}).status == 403
    made = service.artifact("CreateArtifact", "1", name="a", version=7)
    service.put(made.json()["signed_upload_url"], b"x")
    assert service.artifact("FinalizeArtifact", "2", name="a", size="1").status == 404
    assert service.call(ARTIFACTS + "FinalizeArtifact", {**mine, "name": "a", "size": "1"}, "2").status == 403
    cache = service.call(V1 + "caches", {"key": "k", "version": "v"}, "1").json()["cacheId"]
    assert service.ask("PATCH", f"{V1}caches/{cache}", b"x", "2", Content_Range="bytes 0-0/*").status == 404
    assert service.call(f"{V1}caches/{cache}", {"size": 1}, "2").status == 404


# ---- artifacts ----


def test_an_artifact_goes_there_and_back(service: Service, tmp_path: Path) -> None:
    data = os.urandom(300_000)
    done = service.upload("logs ä", data, mime_type="application/zip", expires_at="2030-01-01T00:00:00Z")
    assert done.json() == {"ok": True, "artifact_id": "1"}
    [one] = service.listed()
    created = one.pop("created_at")
    assert created.endswith("Z") and created[:2] == "20"
    assert one == {
        **service.ids("1"),
        "database_id": "1",
        "name": "logs ä",
        "size": "300000",
        "digest": "sha256:" + hashlib.sha256(data).hexdigest(),
    }
    got = service.download("logs ä")
    assert (got.status, got.body == data) == (200, True)
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"] == 'attachment; filename="logs%20%C3%A4.zip"'
    assert (tmp_path / "run" / "7" / "1" / "blob").read_bytes() == data


def test_a_raw_artifact_keeps_its_kind(service: Service) -> None:
    assert service.upload("a.txt", b"text", mime_type="text/plain").status == 200
    got = service.download("a.txt")
    assert (got.headers["content-type"], got.body) == ("text/plain", b"text")
    assert got.headers["content-disposition"] == 'attachment; filename="a.txt"'


def test_lists_are_filtered(service: Service) -> None:
    for name, job in (("a", "1"), ("b", "2"), ("c", "1")):
        service.upload(name, name.encode(), job)
    assert [a["name"] for a in service.listed()] == ["a", "b", "c"]
    assert [a["name"] for a in service.listed(name_filter="b")] == ["b"]
    assert [a["name"] for a in service.listed(id_filter="3")] == ["c"]
    assert [a["name"] for a in service.listed(idFilter=1)] == ["a"]
    assert service.listed(name_filter="nothing") == []
    assert service.artifact("ListArtifacts", id_filter="x").status == 400
    assert service.listed(name_filter="b")[0]["workflow_job_run_backend_id"] == (
        service.ids("2")["workflow_job_run_backend_id"]
    )


def test_a_name_is_taken_once_until_it_is_deleted(service: Service) -> None:
    assert service.upload("a", b"1").json()["artifact_id"] == "1"
    again = service.upload("a", b"2")
    assert (again.status, again.json()["code"]) == (409, "already_exists")
    assert service.upload("a", b"2", "2").status == 409
    assert service.artifact("DeleteArtifact", "2", name="a").json() == {"ok": True, "artifact_id": "1"}
    assert service.artifact("DeleteArtifact", name="a").json()["code"] == "not_found"
    assert service.artifact("GetSignedArtifactURL", name="a").status == 404
    assert service.upload("a", b"2").json()["artifact_id"] == "2"


def test_two_jobs_do_not_make_the_same_artifact(service: Service) -> None:
    first = service.artifact("CreateArtifact", "1", name="a", version=7)
    assert service.artifact("CreateArtifact", "2", name="a", version=7).status == 409
    again = service.artifact("CreateArtifact", "1", name="a", version=7)  # a retry of the first
    assert service.put(first.json()["signed_upload_url"], b"x").status == 404
    assert service.put(again.json()["signed_upload_url"], b"x").status == 201


def test_what_was_announced_must_have_come(service: Service) -> None:
    made = service.artifact("CreateArtifact", name="a", version=7).json()
    assert service.artifact("FinalizeArtifact", name="a", size="0").json()["code"] == "failed_precondition"
    service.put(made["signed_upload_url"], b"12345")
    assert service.artifact("FinalizeArtifact", name="a", size="4").status == 400
    made = service.artifact("CreateArtifact", name="a", version=7).json()
    service.put(made["signed_upload_url"], b"12345")
    wrong = service.artifact("FinalizeArtifact", name="a", size="5", hash="sha256:" + "0" * 64)
    assert (wrong.status, "another hash" in wrong.json()["msg"]) == (400, True)
    assert service.listed() == []
    assert service.artifact("FinalizeArtifact", name="a", size="5").status == 404
    assert service.upload("a", b"").status == 200
    assert service.download("a").body == b""


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", 'a"b', "a:b", "a<b", "a>b", "a|b", "a*b", "a?b", "a\nb", "x" * 1001])
def test_names_that_no_artifact_has(service: Service, name: str) -> None:
    assert service.artifact("CreateArtifact", name=name, version=7).json()["code"] == "invalid_argument"


# ---- blobs ----


def block_list(*ids: str) -> bytes:
    rows = "".join(f"<Latest>{i}</Latest>" for i in ids)
    return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{rows}</BlockList>'.encode()


def block_id(i: int) -> str:
    return base64.b64encode(f"{i:064d}".encode()).decode()


def test_blocks_come_in_any_order_at_once(service: Service) -> None:
    url = service.artifact("CreateArtifact", name="a", version=7).json()["signed_upload_url"]
    blocks = [os.urandom(200_000 + i) for i in range(12)]
    replies: list[Reply] = []

    def send(i: int) -> None:
        quoted = urllib.parse.quote(block_id(i), safe="")
        replies.append(service.put(f"{url}&comp=block&blockid={quoted}", blocks[i]))

    threads = [threading.Thread(target=send, args=(i,)) for i in reversed(range(12))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {r.status for r in replies} == {201}
    send(3)  # sent again, as after a time-out
    data = b"".join(blocks)
    missing = service.put(url + "&comp=blocklist", block_list(block_id(0), block_id(99)))
    assert (missing.status, missing.headers["x-ms-error-code"]) == (400, "InvalidBlockList")
    made = service.put(url + "&comp=blocklist", block_list(*map(block_id, range(12))))
    assert made.status == 201 and {"etag", "last-modified", "x-ms-request-id", "x-ms-version"} <= made.headers.keys()
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    assert service.artifact("FinalizeArtifact", name="a", size=str(len(data)), hash=digest).status == 200
    assert service.download("a").body == data


def test_an_empty_block_list_is_an_empty_blob(service: Service) -> None:
    url = service.artifact("CreateArtifact", name="a", version=7).json()["signed_upload_url"]
    for bad in (b"", b"<BlockList>", b"<BlockList><Other>x</Other></BlockList>", b"<BlockList/>more", b"\xff\x00"):
        assert service.put(url + "&comp=blocklist", bad).status == 400
    assert service.put(url + "&comp=blocklist", b"<BlockList />").status == 201
    assert service.artifact("FinalizeArtifact", name="a", size="0").status == 200


def test_a_signed_url_is_for_one_blob_and_one_direction(service: Service) -> None:
    url = service.artifact("CreateArtifact", name="a", version=7).json()["signed_upload_url"]
    assert service.put(url.replace("sig=", "sig=x"), b"x").status == 403
    assert service.put(url.replace("se=", "se=9"), b"x").status == 403
    assert service.put(url.split("?")[0], b"x").status == 403
    assert service.put(url.replace("/upload/", "/artifact/"), b"x").status == 403
    assert service.ask("GET", url, job=None).status == 403
    assert service.put(url + "&comp=lease", b"x").status == 400
    assert service.put(url + "&comp=block", b"x").status == 400
    service.put(url, b"x")
    service.artifact("FinalizeArtifact", name="a", size="1")
    assert service.put(url, b"later").status == 404
    read = service.artifact("GetSignedArtifactURL", name="a").json()["signed_url"]
    assert service.put(read, b"x").status == 403
    assert service.ask("GET", read.replace("artifact/1", "artifact/2"), job=None).status == 403
    service.artifact("DeleteArtifact", name="a")
    assert service.ask("GET", read, job=None).status == 404


def test_downloads_come_in_ranges(service: Service) -> None:
    service.upload("a", b"0123456789")
    url = service.artifact("GetSignedArtifactURL", name="a").json()["signed_url"]
    head = service.ask("HEAD", url, job=None)
    assert (head.status, head.headers["content-length"], head.body) == (200, "10", b"")
    part = service.ask("GET", url, job=None, Range="bytes=2-4")
    assert (part.status, part.body, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert service.ask("GET", url, job=None, Range="bytes=10-").status == 416


def test_blobs_have_a_ceiling(tmp_path: Path) -> None:
    with Service(tmp_path, max_bytes=1000) as s:
        url = s.artifact("CreateArtifact", name="a", version=7).json()["signed_upload_url"]
        assert s.put(url, b"x" * 1001).status == 413
        assert s.put(url + "&comp=block&blockid=AA", b"x" * 1001).status == 507
        for name in ("AA", "AB"):
            assert s.put(url + f"&comp=block&blockid={name}", b"x" * 600).status == 201
        assert s.put(url + "&comp=blocklist", block_list("AA", "AB")).status == 507
        assert s.put(url + "&comp=blocklist", block_list("AA")).status == 201
        cache = s.call(V1 + "caches", {"key": "k", "version": "v", "cacheSize": 1001})
        assert cache.status == 400
        number = s.call(V1 + "caches", {"key": "k", "version": "v"}).json()["cacheId"]
        assert s.ask("PATCH", f"{V1}caches/{number}", b"x", Content_Range="bytes 1000-1000/*").status == 413


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """A file system of 1 MiB; needs the right to mount one."""
    small = tmp_path / "small"
    small.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no file system of its own: {done.stderr.strip()}")
    try:
        with Service(small) as s:
            url = s.artifact("CreateArtifact", name="a", version=7).json()["signed_upload_url"]
            full = s.put(url, b"x" * 2_000_000)
            assert (full.status, b"No space left" in full.body) == (507, True)
            assert s.artifact("FinalizeArtifact", name="a", size="2000000").status == 412
            assert s.listed() == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


# ---- caches ----


def test_a_cache_is_found_by_key_and_prefix(service: Service) -> None:
    assert service.restore("linux-1") is None
    assert service.save("linux-1", b"one").json()["ok"] is True
    assert service.restore("linux-1") == ("linux-1", b"one")
    assert service.restore("linux-") == ("linux-1", b"one")  # the key itself is a prefix as well
    assert service.restore("linux-2", "mac-", "lin") == ("linux-1", b"one")
    assert service.restore("linux-2", "mac-") is None
    assert service.restore("linux-1", version="other") is None
    service.save("linux-3", b"three")
    assert service.restore("linux-9", "linux-") == ("linux-3", b"three")  # the newest
    assert service.restore("linux-9", "linux-1") == ("linux-1", b"one")


def test_a_cache_never_changes(service: Service) -> None:
    assert service.save("k", b"first").json()["ok"] is True
    again = service.save("k", b"second")
    assert (again.status, again.json()["ok"], "there is a cache" in again.json()["message"]) == (200, False, True)
    assert service.save("k", b"second", version="w").json()["ok"] is True
    assert service.restore("k") == ("k", b"first")


def test_two_jobs_do_not_make_the_same_cache(service: Service) -> None:
    assert service.call(CACHES + "CreateCacheEntry", {"key": "k", "version": "v"}, "1").json()["ok"] is True
    second = service.call(CACHES + "CreateCacheEntry", {"key": "k", "version": "v"}, "2").json()
    assert (second["ok"], "another job" in second["message"]) == (False, True)
    assert service.save("k", b"x", job="1").json()["ok"] is True
    assert service.call(CACHES + "FinalizeCacheEntryUpload", {"key": "k", "version": "v", "size_bytes": 1}).status == 404


def test_a_cache_of_the_wrong_size_is_dropped(service: Service) -> None:
    url = service.call(CACHES + "CreateCacheEntry", {"key": "k", "version": "v"}).json()["signed_upload_url"]
    service.put(url, b"12345")
    what = {"key": "k", "version": "v", "size_bytes": "4"}
    assert service.call(CACHES + "FinalizeCacheEntryUpload", what).status == 400
    assert service.restore("k") is None


def test_keys_that_no_cache_has(service: Service) -> None:
    for key in ("", "a,b", "x" * 513):
        assert service.call(CACHES + "CreateCacheEntry", {"key": key, "version": "v"}).status == 400
        assert service.call(CACHES + "GetCacheEntryDownloadURL", {"key": key, "version": "v"}).status == 400
    many = {"key": "k", "version": "v", "restore_keys": [f"k{i}" for i in range(10)]}
    assert service.call(CACHES + "GetCacheEntryDownloadURL", many).status == 400


def test_branches_see_their_own_then_base_then_default(tmp_path: Path) -> None:
    def on(refs: str) -> Service:
        return Service(tmp_path, refs=refs)

    with on("refs/heads/main") as main:
        main.save("k-main", b"main")
    with on("refs/heads/base,refs/heads/main") as base:
        assert base.restore("k-base", "k-") == ("k-main", b"main")
        base.save("k-base", b"base")
    with on("refs/pull/1/merge,refs/heads/base,refs/heads/main") as pull:
        assert pull.restore("k-", "k") == ("k-base", b"base")
        assert pull.restore("k-main") == ("k-main", b"main")
        assert pull.save("k-main", b"mine").json()["ok"] is True  # of its own scope
        assert pull.restore("k-main") == ("k-main", b"mine")
        pull.save("k-pull", b"pull")
    with on("refs/heads/main") as main:
        assert main.restore("k-pull", "k-") == ("k-main", b"main")
    with on("refs/heads/other") as other:
        assert other.restore("k-main", "k") is None


def test_version_1_of_the_cache(service: Service) -> None:
    assert service.ask("GET", V1 + "cache?keys=a,b&version=v").status == 204
    number = service.call(V1 + "caches", {"key": "a-1", "version": "v", "cacheSize": 70_000}).json()["cacheId"]
    data = os.urandom(70_000)

    def chunk(at: int, n: int) -> Reply:
        piece = data[at : at + n]
        where = f"bytes {at}-{at + len(piece) - 1}/*"
        return service.ask("PATCH", f"{V1}caches/{number}", piece, Content_Range=where)

    threads = [threading.Thread(target=chunk, args=(at, 16_384)) for at in range(0, 70_000, 16_384)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert service.call(f"{V1}caches/{number}", {"size": 70_000}).status == 204
    got = service.ask("GET", V1 + "cache?keys=b%2C%20x,a-&version=v").json()
    assert (got["cacheKey"], got["scope"], got["cacheVersion"]) == ("a-1", "refs/heads/main", "v")
    assert service.ask("GET", got["archiveLocation"], job=None).body == data
    assert service.call(V1 + "caches", {"key": "a-1", "version": "v"}).status == 409
    assert service.restore("a-1") == ("a-1", data)  # both versions have the same caches
    assert service.ask("PATCH", f"{V1}caches/{number}", b"x", Content_Range="bytes 0-0/*").status == 404
    assert service.call(f"{V1}caches/{number}", {"size": 1}).status == 404


def test_version_1_refuses_what_is_wrong(service: Service) -> None:
    number = service.call(V1 + "caches", {"key": "a", "version": "v"}).json()["cacheId"]
    for where in ("", "bytes 0-9/*", "bytes 5-1/*", "lines 0-0/*", "bytes 0-0/0"):
        assert service.ask("PATCH", f"{V1}caches/{number}", b"x", Content_Range=where).status == 400
    assert service.ask("PATCH", V1 + "caches/x", b"x", Content_Range="bytes 0-0/*").status == 404
    assert service.ask("PATCH", f"{V1}caches/{number}", b"x", Content_Range="bytes 0-0/*").status == 204
    assert service.call(f"{V1}caches/{number}", {"size": 2}).status == 400
    assert service.ask("GET", V1 + "cache?version=v").status == 400
    assert service.ask("GET", V1 + "cache?keys=" + ",".join("abcdefghijk") + "&version=v").status == 400


# ---- what is no request of ours ----


def test_what_is_not_there_says_so(service: Service) -> None:
    assert service.ask("GET", "/").status == 404
    assert service.ask("POST", ARTIFACTS + "MigrateArtifact", b"{}").json()["code"] == "bad_route"
    assert service.ask("GET", ARTIFACTS + "ListArtifacts").status == 405
    assert service.ask("GET", V1 + "caches?key=k").status == 405
    assert service.ask("GET", "/_blob/artifact/1", job=None).status == 403
    assert service.ask("GET", "/_blob/%2e%2e/%2e%2e/etc/passwd", job=None).status == 403


BODIES = {"empty": b"", "cut": b"{", "list": b"[]", "text": b'"x"', "null": b"null", "bytes": b"\xff\xfe", "deep": b"[" * 5000, "long": b"{}" + b" " * (1 << 20)}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bodies_that_are_no_request(service: Service, body: bytes) -> None:
    for path in (ARTIFACTS + "CreateArtifact", CACHES + "CreateCacheEntry", V1 + "caches", V1 + "caches/1"):
        assert service.ask("POST", path, body).status in (400, 413)


def test_fields_of_wrong_types_are_refused(service: Service) -> None:
    for wrong in (1, None, [], {}, True):
        assert service.artifact("CreateArtifact", name=wrong, version=7).status == 400
        assert service.call(ARTIFACTS + "ListArtifacts", {"workflow_run_backend_id": wrong}).status == 403
        assert service.call(CACHES + "CreateCacheEntry", {"key": wrong, "version": "v"}).status == 400
    what = {"key": "k", "version": "v", "restore_keys": [1]}
    assert service.call(CACHES + "GetCacheEntryDownloadURL", what).status == 400
    assert service.artifact("ListArtifacts", id_filter=1.5).status == 400


def test_many_clients_at_once(service: Service) -> None:
    faults: list[str] = []

    def work(i: int) -> None:
        job = "12"[i % 2]
        data = os.urandom(50_000 + i)
        if service.upload(f"a{i}", data, job).status != 200:
            faults.append(f"upload {i}")
        if service.download(f"a{i}").body != data:
            faults.append(f"download {i}")
        saved = service.save(f"c{i}", data, job=job)
        if saved.status != 200 or saved.json().get("ok") is not True:
            faults.append(f"save {i}: {saved.status} {saved.body!r}")
        if service.restore(f"c{i}") != (f"c{i}", data):
            faults.append(f"restore {i}")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert faults == []
    assert len({a["database_id"] for a in service.listed()}) == 24


def test_the_end_drops_what_was_not_finished(tmp_path: Path) -> None:
    with Service(tmp_path) as s:
        url = s.artifact("CreateArtifact", name="a", version=7).json()["signed_upload_url"]
        s.put(url + "&comp=block&blockid=AA", b"x")
        s.call(CACHES + "CreateCacheEntry", {"key": "k", "version": "v"})
        s.save("kept", b"x")
    assert list((tmp_path / "run" / "7" / ".tmp").iterdir()) == []
    assert list((tmp_path / "cache" / ".tmp").iterdir()) == []


# ---- the real clients ----


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the toolkit's packages and our scripts beside them."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node and npm here")
    where = tmp_path_factory.mktemp("clients")
    (where / "package.json").write_text('{"private": true, "type": "module"}')
    names = ["@actions/artifact", "@actions/cache", "@actions/core", "@actions/glob"]
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=60000"]
    done = subprocess.run(["npm", "install", *options, *names], cwd=where, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        pytest.skip(f"the toolkit cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
    for script in (ROOT / "test" / "e2e" / "clients").glob("*.mjs"):
        shutil.copy(script, where)
    return where


def act(service: Service, packages: Path, script: str, cwd: Path, **more: str) -> str:
    for name in ("work", "temp"):
        (cwd / name).mkdir(exist_ok=True)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "mina/demo",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_WORKSPACE": str(cwd / "work"),
        "RUNNER_TEMP": str(cwd / "temp"),
        "ACTIONS_RUNTIME_URL": service.url,
        "ACTIONS_RUNTIME_TOKEN": service.tokens["1"],
        "ACTIONS_RESULTS_URL": service.url,
        "ACTIONS_CACHE_URL": service.url,
        **more,
    }
    done = subprocess.run(
        ["node", str(packages / script)], cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_real_artifact_client(service: Service, packages: Path, tmp_path: Path) -> None:
    assert "artifact: ok" in act(service, packages, "artifact.mjs", tmp_path)
    with zipfile.ZipFile(tmp_path / "run" / "7" / "1" / "blob") as z:
        assert sorted(z.namelist()) == ["a.txt", "deep/big.bin"]


def test_the_real_cache_client(service: Service, packages: Path, tmp_path: Path) -> None:
    assert "cache 2: ok" in act(service, packages, "cache.mjs", tmp_path, ACTIONS_CACHE_SERVICE_V2="True")


def test_the_real_cache_client_of_version_1(service: Service, packages: Path, tmp_path: Path) -> None:
    assert "cache 1: ok" in act(service, packages, "cache.mjs", tmp_path)


# ---- through slipway ci ----

ASK = """
const fs = require('fs'), http = require('http')
const env = process.env, base = new URL(env.ACTIONS_RESULTS_URL)
const claims = JSON.parse(Buffer.from(env.ACTIONS_RUNTIME_TOKEN.split('.')[1], 'base64url'))
const [, run, job] = claims.scp.split(':')
const ids = {workflow_run_backend_id: run, workflow_job_run_backend_id: job}
function ask(method, url, body, headers) {
  return new Promise((done, fail) => {
    const q = http.request(new URL(url, base), {method, headers}, r => {
      let text = ''
      r.on('data', d => (text += d))
      r.on('end', () => done([r.statusCode, text]))
    })
    q.on('error', fail)
    q.end(body)
  })
}
async function call(what, body) {
  const headers = {Authorization: `Bearer ${env.ACTIONS_RUNTIME_TOKEN}`, 'Content-Type': 'application/json'}
  const url = `/twirp/github.actions.results.api.v1.ArtifactService/${what}`
  const [status, text] = await ask('POST', url, JSON.stringify({...ids, ...body}), headers)
  return {status, ...JSON.parse(text)}
}
async function main() {
  console.log('scopes', claims.ac)
  console.log('listed', (await call('ListArtifacts', {})).artifacts.map(a => a.name).join())
  const made = await call('CreateArtifact', {name: 'by-js', version: 7, mime_type: 'text/plain'})
  await ask('PUT', made.signed_upload_url, 'from js\\n', {'x-ms-blob-type': 'BlockBlob'})
  console.log('made', (await call('FinalizeArtifact', {name: 'by-js', size: '8'})).artifact_id)
  console.log('token', env.ACTIONS_RUNTIME_TOKEN)
  console.log('again', (await call('CreateArtifact', {name: 'native', version: 7})).status)
}
main()
"""


@pytest.mark.parametrize("mode", ["auto", "plain"])
def test_a_javascript_action_and_native_ones_share_artifacts(place: Place, mode: str) -> None:
    if shutil.which("node") is None:
        pytest.skip("no node here")
    place.write("ask/action.yml", "name: ask\nruns: {using: node20, main: index.js}\n")
    place.write("ask/index.js", ASK)
    place.workflow(
        """
        on: push
        jobs:
          make:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - run: echo hello > f; env | grep ACTIONS_ || echo "scripts are told nothing"
              - uses: actions/upload-artifact@v4
                with: {name: native, path: f}
              - uses: ./ask
              - uses: actions/download-artifact@v4
                with: {name: by-js, path: got}
              - run: cat got/by-js
        """
    )
    place.commit()
    r = place.ci("--sandbox", mode)
    assert r.code == 0, r.text
    lines = r.lines()
    assert "scripts are told nothing" in lines
    assert 'scopes [{"Scope":"refs/heads/main","Permission":3},{"Scope":"refs/heads/main","Permission":1}]' in lines
    assert "listed native" in lines
    assert "made 2" in lines
    assert "token ***" in lines
    assert "again 409" in lines
    assert "from js" in lines
    assert [ev["name"] for ev in r.events() if ev["kind"] == "artifact"] == ["native", "by-js"]


def test_the_toolkit_in_a_run(place: Place, packages: Path) -> None:
    for name in ("artifact", "cache"):
        (packages / name).mkdir(exist_ok=True)
        (packages / name / "action.yml").write_text(f"name: {name}\nruns: {{using: node20, main: ../{name}.mjs}}\n")
    place.workflow(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - uses: mina/clients/artifact@v1
              - uses: mina/clients/cache@v1
        """
    )
    place.commit()
    r = place.ci("--local-repository", f"mina/clients@v1={packages}")
    assert r.code == 0, r.text
    assert {"artifact: ok", "cache 2: ok"} <= set(r.lines())
