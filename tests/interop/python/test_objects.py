"""storage3: objects."""

import io
import struct
import zlib

import httpx
import pytest
from storage3.exceptions import StorageApiError

WORDS = "Once upon a time, ünïcode — 図".encode()


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes(x * 255 // width for x in range(width) for _ in range(3))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * height))
        + chunk(b"IEND", b"")
    )


def size_of(picture: bytes) -> tuple[int, int]:
    assert picture[:8] == b"\x89PNG\r\n\x1a\n", picture[:40]
    return struct.unpack(">II", picture[16:24])


def code_of(call, *arguments, **more):
    with pytest.raises(StorageApiError) as caught:
        call(*arguments, **more)
    return caught.value.status, caught.value.message


MISSING = ("404", "Object not found")
EXISTS = ("409", "The resource already exists")


@pytest.mark.parametrize("kind", ["bytes", "buffered reader", "raw file", "path", "text path"])
@pytest.mark.parametrize("method", ["upload", "update"])
def test_upload_and_update_of_every_kind_of_body(files, tmp_path, kind, method):
    path = tmp_path / "tale.txt"
    path.write_bytes(WORDS)
    body = {
        "bytes": lambda: WORDS,
        "buffered reader": lambda: path.open("rb"),
        "raw file": lambda: io.FileIO(path, "rb"),
        "path": lambda: path,
        "text path": lambda: str(path),
    }[kind]()
    answer = getattr(files, method)("dir/tale.txt", body, {"content-type": "text/plain"})
    assert (answer.path, answer.full_path) == ("dir/tale.txt", f"{files.id}/dir/tale.txt")
    assert files.download("dir/tale.txt") == WORDS
    info = files.info("dir/tale.txt")
    assert (info["content_type"], info["size"], info["cache_control"]) == ("text/plain", len(WORDS), "max-age=3600")


def test_upload_with_every_option(files):
    options = {
        "cache-control": "60",
        "content-type": "image/png",
        "upsert": "true",
        "metadata": {"mine": "äö 図", "n": [1, None]},
        "headers": {"x-robots-tag": "all"},
    }
    files.upload("a", b"one", options)
    files.upload("a", b"two", options)
    info = files.info("a")
    assert (info["cache_control"], info["content_type"]) == ("max-age=60", "image/png")
    assert info["metadata"] == {"mine": "äö 図", "n": [1, None]}
    assert files.download("a") == b"two"


def test_upload_twice_needs_upsert(files):
    files.upload("a", b"one")
    assert code_of(files.upload, "a", b"two") == EXISTS
    files.upload("a", b"two", {"x-upsert": "true"})
    assert files.download("a") == b"two"


def test_upload_of_nothing(files):
    files.upload("empty", b"")
    assert files.download("empty") == b""


def test_upload_of_every_legal_sign(files):
    for sign in "_!-.*'() &$@=;:+,?":
        key = f"keys/a{sign}b.txt"
        files.upload(key, sign.encode())
        assert files.download(key) == sign.encode()
        assert files.info(key)["name"] == key


def test_upload_that_is_refused(project, anon, make_bucket):
    limited = project.storage.from_(make_bucket(file_size_limit=10, allowed_mime_types=["image/*"]))
    assert code_of(limited.upload, "a", b"x" * 11, {"content-type": "image/png"}) == (
        "413",
        "The object exceeded the maximum allowed size",
    )
    assert code_of(limited.upload, "a", b"x", {"content-type": "text/plain"}) == (
        "415",
        "mime type text/plain is not supported",
    )
    assert code_of(limited.upload, "図", b"x", {"content-type": "image/png"}) == ("400", "Invalid key: 図")
    assert code_of(project.storage.from_("no-such-bucket").upload, "a", b"x") == ("404", "Bucket not found")
    assert code_of(anon.storage.from_(limited.id).upload, "a", b"x", {"content-type": "image/png"}) == (
        "403",
        "new row violates row-level security policy",
    )


def test_update_makes_what_is_missing(files):
    files.update("a", b"words", {"metadata": {"n": 1}})
    assert files.info("a")["metadata"] == {"n": 1}


def test_download_of_a_missing_object(files):
    assert code_of(files.download, "a") == MISSING


def test_download_with_query_parameters(files):
    files.upload("a", b"words")
    assert files.download("a", query_params={"download": "x.txt"}) == b"words"


def test_download_with_a_transform(files):
    files.upload("a.png", png(200, 100), {"content-type": "image/png"})
    transform = {"width": 50, "height": 50, "resize": "contain", "quality": 80, "format": "origin"}
    assert size_of(files.download("a.png", {"transform": transform})) == (50, 25)


def test_info_and_exists(files):
    files.upload("dir/a.txt", WORDS, {"content-type": "text/plain", "metadata": {"mine": 1}})
    info = files.info("dir/a.txt")
    assert (info["name"], info["bucket_id"], info["metadata"]) == ("dir/a.txt", files.id, {"mine": 1})
    assert files.exists("dir/a.txt") is True
    assert files.exists("dir/b.txt") is False
    assert code_of(files.info, "dir/b.txt") == MISSING


def test_move_and_copy(files):
    files.upload("a", b"words", {"metadata": {"mine": 1}})
    assert files.move("a", "dir/b") == {"message": "Successfully moved"}
    assert not files.exists("a")
    copied = files.copy("dir/b", "c")
    assert copied["Key"] == f"{files.id}/c"
    assert (files.download("c"), files.info("c")["metadata"]) == (b"words", {"mine": 1})
    assert code_of(files.move, "nope", "x") == MISSING
    assert code_of(files.copy, "nope", "x") == MISSING
    assert code_of(files.move, "c", "dir/b") == EXISTS
    assert code_of(files.copy, "c", "dir/b") == EXISTS


def test_remove_answers_with_what_went(files):
    for key in ["a", "dir/b", "dir/c"]:
        files.upload(key, b"words")
    gone = files.remove(["a", "dir/b", "nope"])
    assert sorted(row["name"] for row in gone) == ["a", "dir/b"]
    assert [row.name for row in files.list_v2().objects] == ["dir/c"]
    assert code_of(files.remove, []) == ("400", "body/prefixes must NOT have fewer than 1 items")


def test_list_with_every_option(files):
    for key in ["z.txt", "b/1.txt", "a.txt", "B2.txt"]:
        files.upload(key, key.encode())
    names = lambda *given: [row["name"] for row in files.list(*given)]  # noqa: E731
    assert names() == ["a.txt", "b", "B2.txt", "z.txt"]
    assert names("b") == ["1.txt"]
    assert names("", {"limit": 2}) == ["a.txt", "b"]
    assert names("", {"limit": 2, "offset": 2}) == ["B2.txt", "z.txt"]
    assert names("", {"sortBy": {"column": "name", "order": "desc"}}) == ["z.txt", "B2.txt", "b", "a.txt"]
    assert names("", {"sortBy": {"column": "created_at"}}) == ["b", "z.txt", "a.txt", "B2.txt"]
    assert names("", {"search": "b"}) == ["b", "B2.txt"]
    folder = next(row for row in files.list() if row["name"] == "b")
    assert folder["id"] is None and folder["metadata"] is None


def test_list_v2_with_every_option(files):
    keys = ["10.txt", "b/1.txt", "b/c/2.txt", "z.txt"]
    for key in keys:
        files.upload(key, key.encode())
    assert [row.name for row in files.list_v2().objects] == keys
    level = files.list_v2({"prefix": "b/", "with_delimiter": True})
    assert ([row.name for row in level.folders], [row.name for row in level.objects]) == (["b/c/"], ["b/1.txt"])
    found, cursor = [], None
    while True:
        options = {"limit": 1, "sortBy": {"column": "name", "order": "desc"}}
        page = files.list_v2({**options, "cursor": cursor} if cursor else options)
        found += [row.name for row in page.objects]
        cursor = page.nextCursor
        if not page.hasNext:
            break
    assert found == keys[::-1]
    assert code_of(files.list_v2, {"cursor": "nonsense"}) == ("400", "Invalid Parameter continuation token")


def test_get_public_url(project, make_bucket):
    public = project.storage.from_(make_bucket(public=True))
    public.upload("dir/a b.txt", WORDS, {"content-type": "text/plain"})
    reply = httpx.get(public.get_public_url("dir/a b.txt"))
    assert (reply.status_code, reply.content) == (200, WORDS)
    named = httpx.get(public.get_public_url("dir/a b.txt", {"download": "tale.txt"}))
    assert named.headers["content-disposition"] == "attachment; filename=tale.txt; filename*=UTF-8''tale.txt"
    unnamed = httpx.get(public.get_public_url("dir/a b.txt", {"download": True}))
    assert unnamed.headers["content-disposition"] == "attachment;"
    public.upload("a.png", png(200, 100), {"content-type": "image/png"})
    options = {"transform": {"width": 50, "height": 50, "resize": "contain", "format": "origin"}}
    small = httpx.get(public.get_public_url("a.png", options))
    assert size_of(small.content) == (50, 25)


def test_create_signed_url(files):
    files.upload("dir/a b.txt", WORDS, {"content-type": "text/plain"})
    signed = files.create_signed_url("dir/a b.txt", 60)
    assert signed["signedURL"] == signed["signedUrl"]
    assert httpx.get(signed["signedURL"]).content == WORDS
    named = files.create_signed_url("dir/a b.txt", 60, {"download": "tale.txt"})
    assert "filename=tale.txt" in httpx.get(named["signedURL"]).headers["content-disposition"]
    assert code_of(files.create_signed_url, "nope", 60) == MISSING


def test_create_signed_url_with_a_transform(files):
    files.upload("a.png", png(200, 100), {"content-type": "image/png"})
    options = {"transform": {"width": 50, "height": 50, "resize": "contain", "format": "origin"}}
    signed = files.create_signed_url("a.png", 60, options)
    assert size_of(httpx.get(signed["signedURL"]).content) == (50, 25)


def test_create_signed_urls(files):
    files.upload("dir/a b.txt", WORDS)
    good, bad = files.create_signed_urls(["dir/a b.txt", "nope"], 60, {"download": "x.txt"})
    assert (good["path"], good["error"]) == ("dir/a b.txt", None)
    assert httpx.get(good["signedURL"]).content == WORDS
    assert (bad["signedURL"], bad["error"]) == (
        None,
        "Either the object does not exist or you do not have access to it",
    )


@pytest.mark.parametrize("kind", ["bytes", "buffered reader", "path"])
def test_create_signed_upload_url_and_upload_to_signed_url(files, anon, tmp_path, kind):
    path = tmp_path / "tale.txt"
    path.write_bytes(WORDS)
    body = {"bytes": lambda: WORDS, "buffered reader": lambda: path.open("rb"), "path": lambda: path}[kind]()
    signed = files.create_signed_upload_url("dir/a")
    assert signed["signed_url"] == signed["signedUrl"] and signed["path"] == "dir/a"
    options = {"content-type": "text/plain", "cache-control": "5", "metadata": {"mine": 1}}
    theirs = anon.storage.from_(files.id)
    answer = theirs.upload_to_signed_url("dir/a", signed["token"], body, options)
    assert (answer.path, answer.full_path) == ("dir/a", f"{files.id}/dir/a")
    info = files.info("dir/a")
    assert (info["content_type"], info["cache_control"], info["metadata"]) == ("text/plain", "max-age=5", {"mine": 1})
    assert code_of(theirs.upload_to_signed_url, "dir/a", signed["token"], WORDS) == EXISTS
    assert code_of(theirs.upload_to_signed_url, "dir/b", "broken", WORDS) == ("400", "Invalid Compact JWS")


def test_create_signed_upload_url_with_upsert(files, anon):
    from storage3.types import CreateSignedUploadUrlOptions

    files.upload("a", b"one")
    assert code_of(files.create_signed_upload_url, "a") == EXISTS
    signed = files.create_signed_upload_url("a", CreateSignedUploadUrlOptions(upsert="true"))
    anon.storage.from_(files.id).upload_to_signed_url("a", signed["token"], b"two")
    assert files.download("a") == b"two"
