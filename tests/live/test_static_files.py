"""Files that a web process serves itself, without nginx."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.web import ROOT, WebProcess

SCRIPT = "/static/js/main.js"
OK, PARTIAL, NOT_MODIFIED, NOT_FOUND, NOT_ALLOWED = 200, 206, 304, 404, 405

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db: None, tmp_path: Path, collected_static: Path) -> Iterator[WebProcess]:
    process = WebProcess(tmp_path / "web.log", STATIC_ROOT=str(collected_static), STATIC_HASHED="1")
    process.start()
    yield process
    process.stop()


def test_a_file_is_handed_out_as_it_is_and_taken_for_nothing_else(web: WebProcess) -> None:
    script = (ROOT / "static" / "js" / "main.js").read_bytes()
    status, body, headers = web.ask(SCRIPT)
    assert (status, body) == (OK, script)
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["Content-Length"] == str(len(script))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    assert web.ask(SCRIPT, "HEAD")[:2] == (OK, b"")
    assert web.ask(SCRIPT, Range="bytes=3-9")[:2] == (PARTIAL, script[3:10])


def test_what_a_browser_has_is_not_sent_again(web: WebProcess) -> None:
    has = web.ask(SCRIPT)[2]
    assert web.ask(SCRIPT, If_None_Match=has["ETag"])[:2] == (NOT_MODIFIED, b"")
    assert web.ask(SCRIPT, If_Modified_Since=has["Last-Modified"])[:2] == (NOT_MODIFIED, b"")
    assert web.ask(SCRIPT, If_None_Match='"another"')[0] == OK


def test_a_file_under_a_name_by_its_content_is_kept_for_ever(web: WebProcess, collected_static: Path) -> None:
    (hashed,) = (collected_static / "js").glob("main.????????????.js")
    status, _body, headers = web.ask(f"/static/js/{hashed.name}")
    assert status == OK
    assert "immutable" in headers["Cache-Control"]
    assert "immutable" not in web.ask(SCRIPT)[2]["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/js", "/static/js/missing.js", "/static/../manage.py", "/static/%2e%2e/manage.py",
        "/static/js/../../manage.py", "/static//etc/passwd",
        "/static/js%00main.js", "/static/%ff", "/static/js\\main.js",
    ],
)  # fmt: skip
def test_what_is_no_static_file_is_answered_by_the_page_that_says_so(web: WebProcess, path: str) -> None:
    status, body, headers = web.ask(path)
    assert status == NOT_FOUND
    assert headers["Content-Type"].startswith("text/html")
    assert b"import" not in body


def test_a_file_is_not_sent_to_and_requests_for_it_are_counted(web: WebProcess) -> None:
    assert web.ask(SCRIPT, "POST")[0] == NOT_ALLOWED
    web.ask(SCRIPT)
    figures = web.ask("/metrics")[1].decode()
    assert 'worksbridge_http_requests_total{method="GET",route="static",status="200"} 1.0' in figures
    assert 'worksbridge_http_requests_total{method="POST",route="static",status="405"} 1.0' in figures
