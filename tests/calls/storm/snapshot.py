"""What must never be seen of calls, whatever happens at the same time."""

from django.db import connection

# One snapshot, in one statement: whatever must not be, and how much there was to go wrong.
SNAPSHOT = """
WITH live AS (
    SELECT c.id AS call, c.room_id AS room, p.member_id AS member, p.state, u.company_id AS company,
           r.kind, r.frozen_at, r.is_external
    FROM calls_call c
    JOIN calls_participant p ON p.call_id = c.id AND p.state IN ('joined', 'ringing')
    JOIN accounts_user u ON u.id = p.member_id
    JOIN messaging_room r ON r.id = c.room_id
    WHERE c.ended_at IS NULL
)
SELECT
    (SELECT count(*) FROM live WHERE NOT EXISTS (
        SELECT 1 FROM messaging_membership m
        WHERE m.room_id = live.room AND m.member_id = live.member AND m.ended_at IS NULL)) AS without_membership,
    (SELECT count(*) FROM live a JOIN live b ON b.call = a.call AND a.company < b.company WHERE NOT EXISTS (
        SELECT 1 FROM federation_link l
        WHERE l.is_open AND l.company_a_id = a.company AND l.company_b_id = b.company)) AS across_closed_links,
    (SELECT count(*) FROM live a JOIN live b ON b.call = a.call AND a.company <> b.company WHERE NOT EXISTS (
        SELECT 1 FROM federation_availability v WHERE v.member_id = a.member AND v.ended_at IS NULL)) AS not_granted,
    (SELECT count(*) FROM live WHERE frozen_at IS NOT NULL) AS in_frozen_rooms,
    (SELECT count(*) FROM (SELECT room_id FROM calls_call WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1) s)
        AS two_in_a_room,
    (SELECT count(*) FROM (SELECT member_id FROM calls_participant WHERE state = 'joined'
        GROUP BY 1 HAVING count(*) > 1) s) AS in_two_calls,
    (SELECT count(*) FROM calls_participant p JOIN calls_call c ON c.id = p.call_id
        WHERE c.ended_at IS NOT NULL AND p.state IN ('joined', 'ringing')) AS in_ended_calls,
    (SELECT count(*) FROM (SELECT call FROM live WHERE kind = 'group' AND state = 'joined'
        GROUP BY 1 HAVING count(*) > 4) s) AS too_many,
    (SELECT count(DISTINCT a.call) FROM live a JOIN live b ON b.call = a.call AND a.company < b.company) AS mixed_calls
"""


def snapshot() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        columns = [column.name for column in cursor.description]
        return dict(zip(columns, cursor.fetchone(), strict=True))


def wrong_in(seen: dict[str, int]) -> set[str]:
    return {name for name, number in seen.items() if number and name != "mixed_calls"}
