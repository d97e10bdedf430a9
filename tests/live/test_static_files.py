"""Files that a web process hands out itself, where no nginx stands before it."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.web import ROOT, WebProcess

SCRIPT = "/static/js/main.js"
OK, PARTIAL, NOT_MODIFIED, NOT_FOUND, NOT_ALLOWED = 200, 206, 304, 404, 405

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db: None, tmp_path: Path, collected_static: Path) -> Iterator[WebProcess]:
    process = WebProcess(tmp_path / "web.log", STATIC_ROOT=str(collected_static))
    process.start()
    yield process
    process.stop()


def ask(web: WebProcess, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers


def test_a_file_is_handed_out_as_it_is_and_taken_for_nothing_else(web: WebProcess) -> None:
    script = (ROOT / "static" / "js" / "main.js").read_bytes()
    status, body, headers = ask(web, SCRIPT)
    assert (status, body) == (OK, script)
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["Content-Length"] == str(len(script))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    assert ask(web, SCRIPT, "HEAD")[:2] == (OK, b"")
    assert ask(web, SCRIPT, Range="bytes=3-9")[:2] == (PARTIAL, script[3:10])


def test_what_a_browser_has_is_not_sent_again(web: WebProcess) -> None:
    has = ask(web, SCRIPT)[2]
    assert ask(web, SCRIPT, If_None_Match=has["ETag"])[:2] == (NOT_MODIFIED, b"")
    assert ask(web, SCRIPT, If_Modified_Since=has["Last-Modified"])[:2] == (NOT_MODIFIED, b"")
    assert ask(web, SCRIPT, If_None_Match='"another"')[0] == OK


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/js", "/static/js/missing.js", "/static/../manage.py", "/static/%2e%2e/manage.py",
        "/static/js/../../manage.py", "/static//etc/passwd",
        "/static/js%00main.js", "/static/%ff", "/static/js\\main.js",
    ],
)  # fmt: skip
def test_what_is_no_static_file_is_answered_by_the_page_that_says_so(web: WebProcess, path: str) -> None:
    status, body, headers = ask(web, path)
    assert status == NOT_FOUND
    assert headers["Content-Type"].startswith("text/html")
    assert b"import" not in body


def test_a_file_is_not_sent_to_and_requests_for_it_are_counted(web: WebProcess) -> None:
    assert ask(web, SCRIPT, "POST")[0] == NOT_ALLOWED
    ask(web, SCRIPT)
    figures = ask(web, "/metrics")[1].decode()
    assert 'worksbridge_http_requests_total{method="GET",route="static",status="200"} 1.0' in figures
    assert 'worksbridge_http_requests_total{method="POST",route="static",status="405"} 1.0' in figures
