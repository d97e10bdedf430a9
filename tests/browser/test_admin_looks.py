"""Every page of the admin, as an administrator and as the operator see it: wide and narrow, light and dark."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse
from playwright.sync_api import Error, Page, Response

from accounts.actions.mailing import send_due_mails
from accounts.actions.members import create_member
from accounts.models import User
from tests.browser.accessibility import grave_faults, overflow
from tests.browser.conftest import Person
from tests.cast import Cast, signed_in
from tests.depth import in_turn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
WIDE, NARROW = (1440, 900), (390, 844)
LOOKS = ((WIDE, "light"), (NARROW, "light"), (WIDE, "dark"), (NARROW, "dark"))
VIEWERS = ("admin_alpha", "operator")
# What shows a table whole; lists of many columns are scrolled sideways on a phone.
FRAMES = {1440: ".results, .table", 390: ".table"}
CUT_OFF = """(frames) => [...document.querySelectorAll(frames)]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth)
  .map((one) => one.textContent.trim().slice(0, 40))"""
# Not pages: files, answers for scripts, and what leads elsewhere.
NOT_PAGES = {"autocomplete", "jsi18n", "logout", "view_on_site", "login", "password_change", "password_change_done"}
OK = 200
# A colour that is just fading into another would be measured on its way. Inside what is folded up it never arrives.
SETTLED = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  .then(() => Promise.race([
    Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))),
    new Promise((done) => setTimeout(done, 400)),
  ])).then(() => null)"""


def names() -> list[str]:
    """The names of all addresses in the admin."""
    resolver = get_resolver().namespace_dict["admin"][1]
    return sorted(name for name in resolver.reverse_dict if isinstance(name, str) and name not in NOT_PAGES)


def example(name: str, viewer: User) -> Any:
    """The key of a row that the viewer may open at this address; None when there is none."""
    request = RequestFactory().get("/admin/")
    request.user = viewer
    for model, model_admin in admin.site._registry.items():
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            row = model_admin.get_queryset(request).first()
            return row and row.pk
    return None


def addresses(viewer: User) -> Iterator[str]:
    """The address of every page, those of one row with a row that is there."""
    yield reverse("admin:federation_externalpolicy_check") + "?member=kim-minseo&other=nobody@beta.example"
    for name in names():
        try:
            yield reverse(f"admin:{name}")
        except NoReverseMatch:
            pk = example(name, viewer)
            if pk is not None:
                try:
                    yield reverse(f"admin:{name}", args=[pk])
                except NoReverseMatch:
                    continue


def shared_out(cast: Cast) -> dict[str, list[str]]:
    """Who looks at which page: both see most of them, so each looks at every other one; in a soak both at all."""
    administrator = signed_in(cast.admin_alpha)
    both = {one for one in addresses(cast.admin_alpha) if administrator.get(one).status_code == OK}
    theirs = [one for one in addresses(cast.operator) if one not in both]
    return {
        "admin_alpha": in_turn(sorted(both), 0, of=2),
        "operator": [*in_turn(sorted(both), 1, of=2), *theirs],
    }


class Watch:
    """What a page complained about while it was open."""

    def __init__(self, page: Page) -> None:
        self.lines: list[str] = []
        page.on("console", lambda line: self.lines.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.lines.append(str(error)))

    def taken(self) -> list[str]:
        """The complaints since the last time."""
        lines, self.lines[:] = list(self.lines), []
        return lines


def opened(page: Page, url: str) -> Response | None:
    """The answer at this address; None when it is a file to be kept, which is not a page."""
    try:
        return page.goto(url)
    except Error as error:
        if "Download is starting" in error.message:
            return None
        raise


def touch(page: Page) -> None:
    """Open what a widget opens, and the menus."""
    for opener in (".datetimeshortcuts a[id]", ".select2-selection", "[popovertarget=me]"):
        if (found := page.locator(opener).first).is_visible():
            found.click()
            page.keyboard.press("Escape")


def faults(page: Page, address: str, turn: int) -> Iterator[str]:
    """What is wrong with an open page in the one of LOOKS whose turn it is; in a soak in all."""
    for (width, height), scheme in in_turn(LOOKS, turn, of=len(LOOKS)):
        page.set_viewport_size({"width": width, "height": height})
        # Nothing moves, so there is nothing to wait for.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(SETTLED)
        where = f"{address} {width} {scheme}"
        if (wider := overflow(page)) > 0:
            yield f"{where}: {wider} px wider than the window"
        yield from (f"{where}: {table} is cut off" for table in page.evaluate(CUT_OFF, FRAMES[width]))
        yield from (f"{where}: {fault}" for fault in grave_faults(page))


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """The cast with something in every list."""
    cast.alpha.departments.create(name="Sales and customer care")
    address = "somebody.with.a.long.name@alpha.example"
    create_member(company=cast.alpha, email=address, name="Somebody", actor=cast.admin_alpha, invite=True)
    send_due_mails()
    return cast


@pytest.mark.parametrize("who", VIEWERS)
def test_every_page_of_the_admin_looks_right_everywhere(someone: Callable[..., Person], filled: Cast, who: str) -> None:
    viewer = getattr(filled, who)
    person = someone()
    page = person.sign_in(viewer.email)
    watch = Watch(page)
    found: list[str] = []
    seen: set[str] = set()
    for address in shared_out(filled)[who]:
        answer = opened(page, person.origin + address)
        if answer is None or answer.status != OK or page.url in seen:
            watch.taken()
            continue
        seen.add(page.url)
        touch(page)
        found += [f"{address}: {line}" for line in watch.taken()]
        found += faults(page, address, len(seen))
        # axe measures by setting styles, which the page's policy reports, and not at once: until the page is left.
        page.goto("about:blank")
        watch.taken()
        person.problems.clear()
    assert len(seen) > 5
    assert not found, "\n".join(found)
