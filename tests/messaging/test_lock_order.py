"""Rooms are locked in the order of their ids by everyone: shown at the locks themselves, not by chance in a storm."""

import threading
import time

import pytest
from django.db import connections, transaction

from federation.actions.switch import set_external_connection
from messaging.actions.groups import create_group_room
from messaging.models import Room
from tests.cast import Cast
from tests.locks import somebody_waits

PATIENCE = 30


@pytest.mark.timeout(120)
@pytest.mark.django_db(transaction=True)
def test_i11_a_close_that_waits_for_a_room_holds_none_with_a_higher_id(cast: Cast) -> None:
    low, *_, high = (create_group_room(creator=cast.kim, members=[cast.sato], name=f"Room {n}") for n in range(3))

    def close() -> None:
        set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
        connections.close_all()

    thread = threading.Thread(target=close)
    with transaction.atomic():
        Room.objects.select_for_update(no_key=True).get(pk=low.pk)
        thread.start()
        until = time.monotonic() + PATIENCE
        while not somebody_waits():
            assert time.monotonic() < until, "the close does not wait for the room"
            time.sleep(0.02)
        # Raises OperationalError when the close has it.
        Room.objects.select_for_update(no_key=True, nowait=True).get(pk=high.pk)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not Room.objects.filter(is_external=True).exists()
