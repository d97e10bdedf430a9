-- As in triggers.v1.sql.
CREATE OR REPLACE FUNCTION messaging_link_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM federation_link l WHERE l.id = OLD.id AND l.is_open) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM messaging_room r
        JOIN accounts_user low ON low.id = r.low_id JOIN accounts_user high ON high.id = r.high_id
        WHERE r.frozen_at IS NULL
          AND (low.company_id, high.company_id) IN
              ((OLD.company_a_id, OLD.company_b_id), (OLD.company_b_id, OLD.company_a_id))
    ) OR EXISTS (
        SELECT 1 FROM messaging_room r
        JOIN messaging_membership x ON x.room_id = r.id AND x.ended_at IS NULL
        JOIN accounts_user a ON a.id = x.member_id AND a.company_id = OLD.company_a_id
        JOIN messaging_membership y ON y.room_id = r.id AND y.ended_at IS NULL
        JOIN accounts_user b ON b.id = y.member_id AND b.company_id = OLD.company_b_id
        WHERE r.kind = 'group'
    ) THEN
        RAISE EXCEPTION 'a room is still open across the closed link' USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;
