"""Signals of calls leave no trace, and none passes before both are in the call."""

from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import AuditEntry
from calls.actions.joining import join_call
from calls.actions.leaving import leave_call
from calls.device import Device
from calls.models import Participant
from calls.signalling import relay
from messaging.models import Message
from tests.calls.guarded import Guarded
from tests.calls.ring import texts_in
from tests.calls.signals import DATA, frame
from tests.heard import Heard, ids
from worksbridge.errors import WorksBridgeError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]


def test_i37_nothing_of_a_signal_is_stored(guarded: Guarded, heard: Heard) -> None:
    cast, call = guarded.cast, guarded.call
    join_call(member=cast.sato, call_id=call.pk, device=Device(uuid4()))
    pages = dict(Participant.objects.filter(call=call).values_list("member", "device"))
    one, other = pages[cast.kim.pk], pages[cast.sato.pk]
    tables = [name for name in connection.introspection.table_names() if name != "django_migrations"]
    before = texts_in(tables)
    with heard.listening():
        for data in DATA:
            relay(cast.kim.pk, frame(call, one, cast.sato, other, data))
            relay(cast.sato.pk, frame(call, other, cast.kim, one, data))
    sent = heard.by_member("signal")
    assert [found["data"] for found in sent[cast.sato.pk]] == DATA == [found["data"] for found in sent[cast.kim.pk]]
    assert set(sent) == ids(cast.kim, cast.sato)
    first = sent[cast.sato.pk][0]
    assert (first["call"], first["from"], first["device"]) == (call.pk, cast.kim.pk, str(one))
    assert first["to_device"] == str(other)
    assert texts_in(tables) == before
    # After the call neither: its line, its rows and the audit log say that it was, not where anybody was.
    leave_call(member=cast.kim, call_id=call.pk, device=one)
    found = texts_in(tables)
    assert {"calls_call", "calls_participant", "accounts_auditentry", "messaging_message"} <= set(tables)
    for trace in ("203.0.113.77", "192.168.44.55", "uVwXyZ", "61803", "v=0", "20518 0 IN"):
        assert trace not in found
    assert AuditEntry.objects.exists()
    assert Message.objects.filter(room=guarded.direct).exists()


def test_i37_nothing_passes_before_the_other_one_has_joined(guarded: Guarded, heard: Heard) -> None:
    cast, call = guarded.cast, guarded.call
    mine = Participant.objects.get(call=call, member=cast.kim).device
    with heard.listening():
        for data in DATA:
            for to_device in (uuid4(), mine):
                with pytest.raises(WorksBridgeError) as refused:
                    relay(cast.kim.pk, frame(call, mine, cast.sato, to_device, data))
                assert refused.value.code == "not_found"
                with pytest.raises(WorksBridgeError):
                    relay(cast.sato.pk, frame(call, to_device, cast.kim, mine, data))
    assert heard.sent == []
