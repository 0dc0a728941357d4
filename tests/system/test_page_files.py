"""The page's own files: types, tags, compression, and no way out of the folder."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Iterator

import pytest
from conftest import StartGateway
from gateway_process import TOP, WWW, Gateway, config_with
from raw_http import RawConnection

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
          "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
          "form-action 'self'")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript",
         ".svg": "image/svg+xml",
         ".png": "image/png", ".webmanifest": "application/manifest+json", ".ico": "image/x-icon",
         ".json": "application/json", ".txt": "text/plain", ".woff2": "font/woff2"}
FILES = sorted(path.relative_to(WWW).as_posix() for path in WWW.rglob("*")
               if path.is_file() and path.suffix != ".gz" and not path.name.startswith("."))
needs_packers = pytest.mark.skipif(not (shutil.which("esbuild") and shutil.which("zopfli")),
                                   reason="esbuild or zopfli is not installed")


def make_www(place: Path) -> Path:
    folder = place / "www"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>x</title>" + "<p>again</p>" * 100)
    (folder / "main.js").write_text("export const answer = 42;\n" * 50)
    (folder / "deep" / "er" / "a.css").write_text("p { color: red }\n" * 50)
    (folder / "empty.js").write_text("")
    (folder / "random.png").write_bytes(os.urandom(5000))
    (folder / "a b.txt").write_text("a space in the name")
    (folder / ".hidden").write_text("not for anybody")
    (place / "outside.txt").write_text("outside")
    (folder / "link.txt").symlink_to(place / "outside.txt")
    (folder / "linked").symlink_to(place)
    return folder


@pytest.fixture
def www(tmp_path: Path) -> Path:
    return make_www(tmp_path)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Serves a folder of that kind; what is in it stays as it is."""
    place = tmp_path_factory.mktemp("w")
    gateway = Gateway(place / "g", config_with(), www=make_www(place)).start()
    yield gateway
    gateway.check()


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_page_is_served_as_it_is(shared_gateway: Gateway, name: str) -> None:
    answer = shared_gateway.get("/" + name, token=None)
    assert answer.status == 200 and answer.body == (WWW / name).read_bytes()
    assert answer.media_type == TYPES[Path(name).suffix]
    assert answer.headers["Content-Length"] == str(len(answer.body))
    if answer.media_type.startswith("text/"):
        assert "charset=utf-8" in answer.headers["Content-Type"].lower()


@pytest.mark.parametrize("name", FILES)
def test_browser_is_sent_the_twin_of_the_build(shared_gateway: Gateway, name: str) -> None:
    if not (WWW / (name + ".gz")).exists():
        pytest.skip("the build has made none")
    answer = shared_gateway.get("/" + name, token=None, headers={"Accept-Encoding": "gzip"})
    if answer.headers["Content-Encoding"] is None:
        assert len(answer.body) < 200, "too short to become shorter"
        return
    size = (WWW / (name + ".gz")).stat().st_size
    assert len(answer.body) == size - 22, "without the field in its header"
    code = gzip.decompress(answer.body).decode()
    source = (WWW / name).read_text(encoding="utf-8")
    if name.endswith((".js", ".css")):
        assert "@ts-check" not in code and "/**" not in code
        names = re.findall(r"\b(?:function|const|let|class) (\w+)", code)
        # A name that hides another one gets a number.
        assert {name.rstrip("2") for name in names} <= set(re.findall(r"\w+", source)), "names stay"
        assert set(re.findall("[가-힣]+", code)) <= set(re.findall("[가-힣]+", source))
        assert "\\u" not in code or "\\u" in source, "texts are no escapes"
    else:
        assert code == source


def test_browser_that_asks_for_the_source_gets_it(shared_gateway: Gateway) -> None:
    answer = shared_gateway.get("/main.js?source=1", token=None,
                                headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] is None
    assert answer.body == (WWW / "main.js").read_bytes()
    assert answer.headers["ETag"] == shared_gateway.get("/main.js", token=None).headers["ETag"]


def pack_page(source: Path) -> bytes:
    twin = source.with_name(source.name + ".gz")
    subprocess.run([TOP / "cmake" / "pack-page", source, twin, "esbuild", "zopfli"],
                   check=True, timeout=20)
    return twin.read_bytes()


@needs_packers
def test_twin_is_taken_until_its_source_changes(start_gateway: StartGateway, www: Path) -> None:
    source = "// A note for readers, as long as it is.\nexport const answerOfAll = '마흔둘';\n"
    more = "".join(f"export const more{n} = {n};\n" for n in range(40))
    (www / "main.js").write_text(source + more)
    twin = pack_page(www / "main.js")
    assert pack_page(www / "main.js") == twin, "the same source makes the same bytes"
    assert gzip.decompress(twin).startswith("export const answerOfAll=".encode())
    gateway = start_gateway(www=www)
    accepts = {"Accept-Encoding": "gzip"}
    first = gateway.get("/main.js", headers=accepts)
    assert gzip.decompress(first.body) == gzip.decompress(twin)
    assert gateway.get("/main.js").body == (www / "main.js").read_bytes()
    gateway.stop()
    (www / "main.js").write_text((source + more).replace("마흔둘", "마흔셋"))
    second = start_gateway(www=www).get("/main.js", headers=accepts)
    assert gzip.decompress(second.body) == (www / "main.js").read_bytes(), "whole, by the gateway"
    assert second.headers["ETag"] != first.headers["ETag"]


@needs_packers
def test_source_that_changes_later_is_not_mixed_with_its_twin(start_gateway: StartGateway,
                                                              www: Path) -> None:
    (www / "main.js").write_text("// Of answers.\nexport const all = [\n" + "  42,\n" * 50 + "];\n")
    pack_page(www / "main.js")
    gateway = start_gateway(www=www)
    told = gateway.get("/main.js", headers={"Accept-Encoding": "gzip"})
    (www / "main.js").write_text("changed")
    plain = gateway.get("/main.js")
    assert plain.body == gzip.decompress(told.body)
    assert gateway.get("/main.js", headers={"If-None-Match": plain.headers["ETag"]}).status == 304


def test_root_is_the_index(shared_gateway: Gateway) -> None:
    root = shared_gateway.get("/", token=None)
    assert root.body == (WWW / "index.html").read_bytes() and root.media_type == "text/html"


@pytest.mark.parametrize("path", ["/", "/main.js", "/page.css"])
def test_policy_is_the_one_that_was_promised(shared_gateway: Gateway, path: str) -> None:
    answer = shared_gateway.get(path, token=None)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_policy_comes_with_every_answer_that_shows_a_page(shared_gateway: Gateway) -> None:
    for path in ("/?token=wrong", "/index.html"):
        answer = shared_gateway.get(path, token=None)
        if answer.media_type == "text/html":
            assert answer.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("path", ["/", "/main.js"])
def test_etag_is_strong_and_brings_304(shared_gateway: Gateway, path: str) -> None:
    first = shared_gateway.get(path, token=None)
    etag = first.headers["ETag"]
    assert etag.startswith('"') and etag.endswith('"')
    for given in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = shared_gateway.get(path, token=None, headers={"If-None-Match": given})
        assert answer.status == 304 and not answer.body, given
        assert answer.headers["ETag"] == etag
    for given in ('"other"', etag[:-2] + '"', f'"{etag[2:]}'):
        answer = shared_gateway.get(path, token=None, headers={"If-None-Match": given})
        assert answer.status == 200 and answer.body == first.body, given


def test_304_leaves_the_connection_usable(shared_gateway: Gateway) -> None:
    etag = shared_gateway.get("/", token=None).headers["ETag"]
    with RawConnection(shared_gateway) as connection:
        for _ in range(3):
            assert connection.ask("GET", "/", headers={"If-None-Match": etag}).status == 304
        assert connection.ask("GET", "/").status == 200


def test_other_content_has_another_etag(start_gateway: StartGateway, www: Path) -> None:
    first = start_gateway(www=www)
    etags = {name: first.get(name).headers["ETag"] for name in ("/", "/main.js")}
    first.stop()
    (www / "main.js").write_text("export const answer = 43;\n" * 50)
    second = start_gateway(www=www)
    assert second.get("/").headers["ETag"] == etags["/"]
    assert second.get("/main.js").headers["ETag"] != etags["/main.js"]


def test_gzip_is_given_to_whoever_takes_it(small: Gateway) -> None:
    for name in ("/", "/main.js", "/deep/er/a.css"):
        plain = small.get(name, token=None)
        for accepted in ("gzip", "gzip, deflate, br", "deflate, gzip;q=0.5", "br;q=1, gzip"):
            packed = small.get(name, token=None, headers={"Accept-Encoding": accepted})
            assert packed.headers["Content-Encoding"] == "gzip", accepted
            assert gzip.decompress(packed.body) == plain.body
            assert len(packed.body) < len(plain.body)
            assert packed.media_type == plain.media_type
            assert packed.headers["ETag"] != plain.headers["ETag"], "they are different bytes"
        assert "accept-encoding" in plain.headers["Vary"].lower()


@pytest.mark.parametrize("accepted", ["", "identity", "deflate, br", "gzip;q=0", "gzip; q=0.0",
                                      "xgzip", "gzipx"])
def test_gzip_is_given_to_nobody_else(small: Gateway, accepted: str) -> None:
    answer = small.get("/main.js", token=None, headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] is None
    assert answer.body.startswith(b"export")


def test_etag_of_the_packed_file_brings_304(small: Gateway) -> None:
    headers = {"Accept-Encoding": "gzip"}
    etag = small.get("/main.js", headers=headers).headers["ETag"]
    answer = small.get("/main.js", headers={**headers, "If-None-Match": etag})
    assert answer.status == 304 and answer.headers["ETag"] == etag


def test_what_does_not_shrink_is_sent_as_it_is(start_gateway: StartGateway, www: Path) -> None:
    answer = start_gateway(www=www).get("/random.png", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] is None
    assert answer.body == (www / "random.png").read_bytes()


def test_empty_file_is_served(small: Gateway) -> None:
    answer = small.get("/empty.js", token=None)
    assert answer.status == 200 and answer.body == b"" and answer.media_type == "text/javascript"


def test_name_in_percent_encoding_is_found(small: Gateway) -> None:
    assert small.get("/a%20b.txt", token=None).text == "a space in the name"
    assert small.get("/%6dain.js", token=None).status == 200


@pytest.mark.parametrize("path", [
    "/../outside.txt", "/deep/../../outside.txt", "/..%2foutside.txt", "/%2e%2e/outside.txt",
    "/%2e%2e%2foutside.txt", "/..%5coutside.txt", "/....//outside.txt", "//outside.txt",
    "/.%00./outside.txt", "/%252e%252e/outside.txt", "/link.txt", "/linked/outside.txt",
    "/.hidden", "/deep/../.hidden", "/deep", "/deep/", "/deep/er", "/linked", "/index.html/",
    "/main.js/", "/main.js%00", "/main.js%00.png", "/main.js.gz", "/./main.js", "/deep//er/a.css",
    "/MAIN.JS", "/proc/self/environ", "/etc/passwd", "/..", "/.", "/main.js~",
    "/../../../../etc/passwd",
])
def test_nothing_else_is_served(small: Gateway, path: str) -> None:
    with RawConnection(small) as connection:
        answer = connection.ask("GET", path, token=None)
    assert answer.status in (400, 404), (path, answer)
    assert b"outside" not in answer.body.replace(b"outside.txt", b"")
    assert b"not for anybody" not in answer.body and b"root:" not in answer.body


def test_absolute_form_is_answered_or_refused_but_reads_no_file(small: Gateway) -> None:
    with RawConnection(small) as connection:
        answer = connection.ask("GET", f"http://{small.host}:{small.port}/../outside.txt")
        assert answer.status in (400, 404)


def test_api_paths_are_no_files(start_gateway: StartGateway, www: Path) -> None:
    (www / "api" / "v1").mkdir(parents=True)
    (www / "api" / "v1" / "circuit").write_text("a file")
    (www / "healthz").write_text("a file")
    gateway = start_gateway(www=www)
    assert gateway.get("/api/v1/circuit").json["name"] == "breadboard"
    assert gateway.get("/healthz").media_type == "application/json"


def test_file_that_changes_while_it_runs_is_not_torn(start_gateway: StartGateway,
                                                     www: Path) -> None:
    """What was read at the start is what is served, with the tag that belongs to it."""
    gateway = start_gateway(www=www)
    before = gateway.get("/main.js")
    (www / "main.js").write_text("changed")
    after = gateway.get("/main.js")
    assert (after.headers["ETag"] == before.headers["ETag"]) == (after.body == before.body)


def test_the_whole_page_loads_under_300_ms(gateway: Gateway) -> None:
    began = time.perf_counter()
    with RawConnection(gateway) as connection:
        for name in FILES:
            assert connection.ask("GET", "/" + name, token=None).status == 200
        assert connection.ask("GET", "/api/v1/circuit").status == 200
    assert time.perf_counter() - began < 0.3
