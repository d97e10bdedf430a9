"""Signing in, profiles, notifications, and what every page promises."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image

from accounts.models import Company, Notification, User
from messaging.models import Message, Room
from tests.cast import PASSWORD, Cast, signed_in

pytestmark = pytest.mark.django_db


def sign_in(email: str, password: str = PASSWORD, after: str = "") -> tuple[Client, int, str]:
    client = Client()
    answer = client.post("/accounts/login/", {"login": email, "password": password, "next": after})
    return client, answer.status_code, answer.headers.get("Location", "")


def test_signing_in_by_address_whatever_the_case_and_out_again(cast: Cast) -> None:
    client, status, where = sign_in("KIM-MINSEO@alpha.example", after="/contacts/")
    assert (status, where) == (302, "/contacts/")
    assert client.get("/messages/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/messages/").headers["Location"] == "/accounts/login/?next=/messages/"


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(cast: Cast) -> None:
    answers = set()
    for email, password in (
        ("kim-minseo@alpha.example", "wrong"),
        ("nobody@alpha.example", PASSWORD),
    ):
        client = Client()
        answer = client.post("/accounts/login/", {"login": email, "password": password})
        assert "_auth_user_id" not in client.session
        answers.add((answer.status_code, "are not correct" in answer.content.decode()))
    assert answers == {(200, True)}


def test_a_deactivated_member_cannot_sign_in(cast: Cast) -> None:
    User.objects.filter(pk=cast.lee.pk).update(is_active=False)
    client, _status, where = sign_in(cast.lee.email)
    assert where == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


def test_i38_guessing_passwords_is_limited(cast: Cast) -> None:
    for _ in range(12):
        client, _status, _where = sign_in(cast.kim.email, "wrong")
    client, _status, _where = sign_in(cast.kim.email)
    assert "_auth_user_id" not in client.session
    answer = client.post("/accounts/login/", {"login": cast.kim.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert "wait five minutes" in answer.content.decode()
    for _ in range(20):
        answer = client.post("/accounts/login/", {"login": "x", "password": "y"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_a_member_cannot_take_another_address(cast: Cast) -> None:
    client = signed_in(cast.kim)
    assert "administrator" in client.get("/accounts/email/").content.decode()
    answers = set()
    for email in ("boss@beta.example", cast.sato.email):
        answer = client.post("/accounts/email/", {"action_add": "", "email": email})
        answers.add((answer.status_code, answer.headers.get("Location")))
        client.post("/accounts/email/", {"action_primary": "", "email": email})
    assert len(answers) == 1
    cast.kim.refresh_from_db()
    assert cast.kim.email == "kim-minseo@alpha.example"


def test_a_reset_link_that_does_not_work_says_so(cast: Cast) -> None:
    page = Client().get("/accounts/password/reset/key/1-abc/").content.decode()
    assert "no longer works" in page
    assert ">Save</button>" not in page


def test_signing_up_is_closed_and_a_reset_tells_nobody_who_exists(cast: Cast) -> None:
    assert "administrator" in Client().get("/accounts/signup/").content.decode()
    before = User.objects.count()
    Client().post("/accounts/signup/", {"email": "new@alpha.example", "password1": PASSWORD})
    assert User.objects.count() == before
    answers = {
        (answer.status_code, answer.headers["Location"])
        for email in (cast.kim.email, "nobody@alpha.example")
        for answer in [Client().post("/accounts/password/reset/", {"email": email})]
    }
    assert len(answers) == 1


def test_no_redirect_to_another_site(cast: Cast) -> None:
    assert sign_in(cast.kim.email, after="https://evil.example/")[2] == "/messages/"
    client = signed_in(cast.kim)
    answer = client.post(f"/contacts/add/{cast.sato.pk}/", {"next": "//evil.example/"})
    assert answer.headers["Location"] == "/contacts/"


def test_the_profile_is_edited_and_what_is_wrong_is_said(cast: Cast) -> None:
    client = signed_in(cast.kim)
    fields = {
        "name": "김민서",
        "handle": "Minseo.Kim",
        "title": "Lead",
        "phone": "1",
        "language": "ko",
        "time_zone": "Asia/Seoul",
    }
    assert client.post("/profile/", fields | {"company": cast.beta.pk, "email": "x@y.example"}).status_code == 302
    cast.kim.refresh_from_db()
    assert (cast.kim.name, cast.kim.handle, cast.kim.company) == ("김민서", "minseo.kim", cast.alpha)
    assert cast.kim.email == "kim-minseo@alpha.example"
    client.post("/profile/", fields | {"name": "Kim\u202e\n Minseo"})
    cast.kim.refresh_from_db()
    assert cast.kim.name == "Kim Minseo"
    for wrong in (
        {"name": "\u202e"},
        {"handle": "sato-yui"},
        {"handle": "no spaces"},
        {"name": ""},
        {"time_zone": "Mars/Olympus"},
    ):
        answer = client.post("/profile/", fields | wrong)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()


def photo(kind: str = "PNG", size: tuple[int, int] = (600, 400)) -> SimpleUploadedFile:
    output = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", size, "green").save(output, kind, exif=exif)
    return SimpleUploadedFile("../../me.png", output.getvalue())


def test_i29_i30_i32_a_photo_is_made_anew_and_seen_by_whom_it_may(
    cast: Cast, settings: object, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path
    fields = {"name": "Kim Minseo", "handle": "kim-minseo", "language": "en", "time_zone": "Asia/Seoul"}
    assert signed_in(cast.kim).post("/profile/", fields | {"new_photo": photo("JPEG")}).status_code == 302
    cast.kim.refresh_from_db()
    assert "me" not in cast.kim.photo.name
    for viewer, status in ((cast.kim, 200), (cast.lee, 200), (cast.sato, 200), (cast.tran, 404)):
        answer = signed_in(viewer).get(f"/people/{cast.kim.pk}/photo")
        assert answer.status_code == status
    answer = signed_in(cast.sato).get(f"/people/{cast.kim.pk}/photo")
    content = b"".join(answer.streaming_content)
    assert b"taken at home" not in content
    assert Image.open(io.BytesIO(content)).size == (256, 256)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    for bad in (b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n broken", b"x" * 6_000_000):
        answer = signed_in(cast.kim).post("/profile/", fields | {"new_photo": SimpleUploadedFile("a.png", bad)})
        assert answer.status_code == 400


def test_notifications_are_ones_own(cast: Cast) -> None:
    mine = Notification.objects.filter(recipient=cast.kim).count()
    assert mine == 1
    assert signed_in(cast.kim).post("/notifications/").status_code == 302
    assert not Notification.objects.filter(recipient=cast.kim, read_at=None).exists()
    assert Notification.objects.filter(recipient=cast.sato, read_at=None).exists()


def test_what_the_page_of_notifications_shows_is_read_by_it(cast: Cast) -> None:
    client = signed_in(cast.kim)
    assert "data-unread hidden" not in client.get("/contacts/").content.decode()
    client.head("/notifications/")
    client.get("/notifications/", headers={"Sec-Purpose": "prefetch"})
    assert Notification.objects.filter(recipient=cast.kim, read_at=None).exists()
    # It still shows which were new, and the bell beside it is empty already.
    page = client.get("/notifications/").content.decode()
    assert "notification--unread" in page
    assert "data-unread hidden" in page
    assert not Notification.objects.filter(recipient=cast.kim, read_at=None).exists()
    assert "notification--unread" not in client.get("/notifications/").content.decode()
    assert Notification.objects.filter(recipient=cast.sato, read_at=None).exists()


def test_following_a_notification_reads_it(cast: Cast) -> None:
    mine = Notification.objects.get(recipient=cast.kim)
    for stranger in (cast.lee, cast.sato, cast.tran):
        assert signed_in(stranger).get(f"/notifications/{mine.pk}/").status_code == 404
    assert signed_in(cast.kim).get("/notifications/987654/").status_code == 404
    client = signed_in(cast.kim)
    assert f'href="/notifications/{mine.pk}/"' in client.get("/notifications/?page=1").content.decode()
    Notification.objects.filter(pk=mine.pk).update(read_at=None)
    assert client.get(f"/notifications/{mine.pk}/").headers["Location"] == "/contacts/"
    mine.refresh_from_db()
    assert mine.read_at is not None


def test_i06_no_page_of_a_session_is_kept_by_a_shared_cache(cast: Cast) -> None:
    client = signed_in(cast.kim)
    for path in ("/messages/", "/contacts/", "/profile/", "/notifications/", "/contacts/names/", "/nowhere/"):
        assert client.get(path).headers["Cache-Control"] == "private, no-store"


def test_error_pages_say_what_to_do(cast: Cast) -> None:
    answer = signed_in(cast.kim).get("/nowhere/")
    assert answer.status_code == 404
    assert "Go to your messages" in answer.content.decode()
    assert signed_in(cast.kim).get("/messages/1/", headers={"accept": "application/json"}).json()["code"] == "not_found"
    large = Client().post("/accounts/login/", b"x", content_type="text/plain", headers={"content-length": "99999999"})
    assert large.status_code == 413
    strict = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a"})
    assert strict.status_code == 403
    assert "reload the page" in strict.content.decode()


def test_a_strict_policy_is_sent_with_every_page(cast: Cast) -> None:
    policy = signed_in(cast.kim).get("/messages/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "unsafe" not in policy


def test_the_demo_is_made_once_and_only_in_development(settings: object) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError):
        call_command("demo")
    settings.DEBUG = True
    call_command("demo")
    counts = Company.objects.count(), User.objects.count(), Room.objects.count(), Message.objects.count()
    call_command("demo")
    assert counts == (Company.objects.count(), User.objects.count(), Room.objects.count(), Message.objects.count())
    assert counts[:2] == (3, 19)
    assert sign_in("member1@gamma.example")[1] == 302
