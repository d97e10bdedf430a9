"""The menu of the administrators' site.

A ModelAdmin sets its place with three attributes: `menu_section` (the heading; else the name of its app),
`menu_icon` (of the sprite) and `menu_order`. Pages of its own it names in `menu_extra`, as (label, address, icon),
the address by its name in the admin, like "accounts_user_import".
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

LAST = 100


@dataclass(frozen=True)
class Item:
    """One line of the menu."""

    label: str
    url: str
    icon: str
    is_current: bool


@dataclass
class Section:
    """A heading and its lines."""

    heading: str
    items: list[Item] = field(default_factory=list)


def menu_of(site: AdminSite, request: HttpRequest, apps: list[dict[str, Any]]) -> list[Section]:
    """The sections that this viewer may open, the front page first."""
    home = reverse("admin:index")
    found = [Section("", [Item(_("Dashboard"), home, "layout-grid", request.path == home)])]
    sections: dict[str, Section] = {}
    for model, app_name in _models(site, apps):
        model_admin = site.get_model_admin(model["model"])
        heading = str(getattr(model_admin, "menu_section", "") or app_name)
        section = sections.setdefault(heading, Section(heading))
        section.items += _items(model_admin, model, request.path)
    return [*found, *(section for section in sections.values() if section.items)]


def _models(site: AdminSite, apps: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    pairs = [(model, str(app["name"])) for app in apps for model in app["models"]]
    return sorted(pairs, key=lambda pair: getattr(site.get_model_admin(pair[0]["model"]), "menu_order", LAST))


def _items(model_admin: Any, model: dict[str, Any], path: str) -> list[Item]:
    extra = [
        (str(label), reverse(f"admin:{name}"), icon) for label, name, icon in getattr(model_admin, "menu_extra", ())
    ]
    named = any(path.startswith(url) for _label, url, _icon in extra)
    items = [Item(label, url, icon, path.startswith(url)) for label, url, icon in extra]
    list_url = model["admin_url"]
    if not list_url:
        return items
    label = str(model["name"])
    icon = getattr(model_admin, "menu_icon", "chevron-right")
    return [Item(label[:1].upper() + label[1:], list_url, icon, path.startswith(list_url) and not named), *items]
