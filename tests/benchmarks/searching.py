"""Finding words in a million messages: by a member who sees them all, and by one who sees some thousands.

Beside each stands the plain way, `ILIKE` over what the member may see, and the same with a tenth of the messages.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from messaging.models import Membership, Message, Room, SearchHead
from messaging.search.indexing import index_round
from messaging.search.matches import PAGE, find_messages
from messaging.search.query import parse
from messaging.search.words import words_of
from tests.cast import Cast

MESSAGES = 1_000_000
ROOMS = 1_000
# Of how many rooms the other member is in: half a percent of what there is.
FEW = 5
ROUNDS = 9
TEXTS = 4_000
RARE = "전세계약서"
VOCABULARY = """
회의 일정 서울에서 내일 오후 보고서 확인 부탁드립니다 감사합니다 견적서 첨부 납품 부산 공장 계약 검토 수정 완료 진행
会議 資料 明日 東京 確認 お願いします ありがとうございます 見積書 納品 契約 工場 出荷 予定 変更 ミーティング サンプル
会议 明天 上海 确认 合同 报价 发货 工厂 谢谢 样品
quarterly report meeting tomorrow please confirm shipment sample contract invoice schedule thanks update factory
delivery price budget review approval draft meeting-room Osaka Busan Seoul
"""


def searching(cast: Cast, messages: int = MESSAGES) -> None:
    """Fill a tenth of the messages, look; fill the rest, look again; print medians of nine rounds and the slopes."""
    # No web process has indexed what was said before.
    while index_round():
        pass
    _texts()
    rooms = _rooms(cast.kim, cast.lee)
    times: dict[str, list[float]] = {}
    for number in (messages // 10, messages):
        _fill(rooms, number, cast.kim)
        print(f"searching {number:,} messages")
        for who, member in (("sees all", cast.kim), (f"sees {FEW * 100 / ROOMS:g} %", cast.lee)):
            _measure(who, member, times)
    for name, (few, many) in times.items():
        print(f"  {name}: ten times the messages take {many / few:.1f} times as long")
    print()


def _measure(who: str, member: User, times: dict[str, list[float]]) -> None:
    sought = {
        "rare word": RARE,
        "frequent word": "회의",
        "one Korean letter": "서",
        "beginning": "quart",
        "absent": "없는말",
    }
    for kind, text in sought.items():
        plain = _p50(lambda text=text: _scan(member, text), rounds=3)
        found = _p50(lambda text=text: find_messages(member, parse(text)))
        times.setdefault(f"{kind}, {who}", []).append(found)
        with CaptureQueriesContext(connection) as queries:
            find_messages(member, parse(text))
        print(f"  {kind + ', ' + who:<34} {found:9.1f} ms {len(queries):6} queries    baseline ILIKE {plain:9.1f} ms")


def _p50(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1_000)
    return statistics.median(times)


def _scan(member: User, text: str) -> list[int]:
    shown = Message.objects.visible_to(member.pk).filter(body__icontains=text, kind=Message.Kind.TEXT)
    return list(shown.order_by("-pk").values_list("pk", flat=True)[:PAGE])


def _texts() -> None:
    """Some thousand different messages with their words, from which the million are drawn."""
    dice = random.Random(7)
    words = VOCABULARY.split()
    weights = [1 / (rank + 3) for rank in range(len(words))]
    vocabulary = dice.sample(words, len(words))
    bodies = [" ".join(dice.choices(vocabulary, weights, k=dice.randint(3, 14))) + f" {n:04}" for n in range(TEXTS)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE texts (number int PRIMARY KEY, body text, words tsvector)")
        rows = [(n, body, " ".join(words_of(body))) for n, body in enumerate([*bodies, f"{RARE} 보냅니다"])]
        cursor.executemany("INSERT INTO texts VALUES (%s, %s, array_to_tsvector(string_to_array(%s, ' ')))", rows)


def _rooms(most: User, few: User) -> list[int]:
    rooms = Room.objects.bulk_create(
        [Room(kind="group", hosting_company_id=most.company_id, name=f"Much said {n}") for n in range(ROOMS)]
    )
    memberships = [Membership(room=room, member=most, role="master") for room in rooms]
    memberships += [Membership(room=room, member=few) for room in rooms[:FEW]]
    Membership.objects.bulk_create(memberships)
    SearchHead.objects.bulk_create([SearchHead(room=room) for room in rooms])
    return [room.pk for room in rooms]


@contextmanager
def _loading() -> Iterator[None]:
    """As a restored backup is loaded: the index last, and no look-up for each row."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DROP INDEX search_words")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("SET maintenance_work_mem = '256MB'")
            cursor.execute(
                "CREATE INDEX search_words ON messaging_searchentry USING gin (words) WITH (fastupdate = off)"
            )
            cursor.execute(
                "VACUUM ANALYZE messaging_message, messaging_searchentry, messaging_room, messaging_membership"
            )


_MESSAGES = """
WITH said AS (
    INSERT INTO messaging_message
        (room_id, seq, rev, ordinal, kind, author_id, body, html, data, created_at)
    SELECT (%(rooms)s::bigint[])[1 + abs(hashint8(i)) %% %(count)s], i, i, i, 'text', %(author)s, body,
        '<p>' || body || '</p>', '{}', %(now)s::timestamptz + i * interval '1 second'
    FROM generate_series(%(first)s::bigint, %(last)s) AS i
    JOIN texts ON texts.number = CASE
        WHEN i %% 33333 = 0 THEN %(texts)s ELSE abs(hashint8(i * 7)) %% %(texts)s END
    ORDER BY i
    RETURNING id, room_id, seq, body
)
INSERT INTO messaging_searchentry (message_id, room_id, seq, rev, words)
SELECT said.id, room_id, seq, seq, words FROM said JOIN texts USING (body) ORDER BY said.id
"""


def _fill(rooms: list[int], number: int, author: User) -> None:
    """Let there be so many messages; three of each hundred thousand hold the rare word."""
    there = Room.objects.filter(pk__in=rooms).aggregate(most=Max("rev"))["most"]
    values = {
        "rooms": rooms,
        "count": len(rooms),
        "author": author.pk,
        "now": timezone.now(),
        "first": there + 1,
        "last": number,
        "texts": TEXTS,
    }
    with _loading(), connection.cursor() as cursor:
        cursor.execute(_MESSAGES, values)
        Room.objects.filter(pk__in=rooms).update(rev=number, ordinal=number)
        SearchHead.objects.filter(room__in=rooms).update(rev=number)
