"""One world for all requests: each request is rolled back."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from tests.accounts.admin_matrix.answers import Browser
from tests.accounts.admin_matrix.asking import Asker
from tests.accounts.admin_matrix.sides import Sides
from tests.accounts.admin_matrix.whose import OWN
from tests.accounts.admin_matrix.world import World, made_world

MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once; each test looks at it in a transaction of its own."""
    quick = override_settings(PASSWORD_HASHERS=["tests.hashers.QuickHasher"])
    with django_db_blocker.unblock(), quick, made_world() as made:
        yield made


@pytest.fixture(autouse=True)
def own_cache(own_valkey_names: None, settings: Any) -> None:
    """Limits are counted here and forgotten after each question."""
    settings.CACHES = MEMORY


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Refusals are what is expected; writing each of them down takes longer than making it."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="package")
def sides(world: World, django_db_blocker: Any) -> Sides:
    """What must stay as it is whatever alpha's administrator does."""
    with django_db_blocker.unblock():
        return Sides(world, world.cast.alpha, world.cast.beta)


@pytest.fixture
def asker(world: World, sides: Sides) -> Asker:
    """alpha's administrator at their browser."""
    return Asker(world, Browser(world.clients[OWN]), sides)
