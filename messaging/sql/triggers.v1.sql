-- What must never be false about rooms, also for SQL by hand. federation_require(a, b) locks the link and both
-- availabilities and raises WB001 unless the members' companies are the same or may reach each other.

CREATE FUNCTION messaging_room_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM federation_require(NEW.low_id, NEW.high_id);
    RETURN NEW;
END $$;

CREATE TRIGGER messaging_room_opens BEFORE INSERT ON messaging_room
    FOR EACH ROW WHEN (NEW.kind = 'direct' AND NEW.frozen_at IS NULL)
    EXECUTE FUNCTION messaging_room_guard();

CREATE TRIGGER messaging_room_reopens BEFORE UPDATE ON messaging_room
    FOR EACH ROW WHEN (
        NEW.kind = 'direct' AND NEW.frozen_at IS NULL
        AND (OLD.frozen_at IS NOT NULL OR OLD.low_id <> NEW.low_id OR OLD.high_id <> NEW.high_id)
    )
    EXECUTE FUNCTION messaging_room_guard();

CREATE FUNCTION messaging_membership_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    room messaging_room;
    other bigint;
BEGIN
    SELECT * INTO room FROM messaging_room WHERE id = NEW.room_id;
    IF room.kind = 'direct' THEN
        IF NEW.member_id NOT IN (room.low_id, room.high_id) THEN
            RAISE EXCEPTION 'a 1:1 room has two members' USING ERRCODE = 'WB001';
        END IF;
        RETURN NEW;
    END IF;
    FOR other IN
        SELECT m.member_id FROM messaging_membership m
        WHERE m.room_id = NEW.room_id AND m.ended_at IS NULL AND m.member_id <> NEW.member_id
        ORDER BY m.member_id
    LOOP
        PERFORM federation_require(least(NEW.member_id, other), greatest(NEW.member_id, other));
    END LOOP;
    RETURN NEW;
END $$;

CREATE TRIGGER messaging_membership_starts BEFORE INSERT ON messaging_membership
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION messaging_membership_guard();

CREATE TRIGGER messaging_membership_revives BEFORE UPDATE ON messaging_membership
    FOR EACH ROW WHEN (
        NEW.ended_at IS NULL
        AND (OLD.ended_at IS NOT NULL OR OLD.room_id <> NEW.room_id OR OLD.member_id <> NEW.member_id)
    )
    EXECUTE FUNCTION messaging_membership_guard();

-- A frozen room takes no message. One check for each statement, because messages come in batches.
CREATE FUNCTION messaging_message_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added JOIN messaging_room room ON room.id = added.room_id
        WHERE added.kind = 'text' AND room.frozen_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the room is frozen' USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER messaging_message_added AFTER INSERT ON messaging_message
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION messaging_message_guard();

-- At the commit of a close nothing may be left open across it.
CREATE FUNCTION messaging_link_closed() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE CONSTRAINT TRIGGER messaging_link_closed AFTER UPDATE OR DELETE ON federation_link
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_open) EXECUTE FUNCTION messaging_link_closed();

CREATE FUNCTION messaging_availability_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM federation_availability v WHERE v.member_id = OLD.member_id AND v.ended_at IS NULL) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM messaging_room r
        WHERE r.kind = 'direct' AND r.is_external AND r.frozen_at IS NULL
          AND (r.low_id = OLD.member_id OR r.high_id = OLD.member_id)
    ) OR EXISTS (
        SELECT 1 FROM messaging_membership m JOIN messaging_room r ON r.id = m.room_id
        WHERE m.member_id = OLD.member_id AND m.ended_at IS NULL AND r.kind = 'group' AND r.is_external
          AND EXISTS (
              SELECT 1 FROM messaging_membership y JOIN accounts_user u ON u.id = y.member_id
              JOIN accounts_user me ON me.id = OLD.member_id
              WHERE y.room_id = r.id AND y.ended_at IS NULL AND u.company_id <> me.company_id
          )
    ) THEN
        RAISE EXCEPTION 'a room is still open for a member without external connection' USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER messaging_availability_ended AFTER UPDATE OR DELETE ON federation_availability
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.ended_at IS NULL)
    EXECUTE FUNCTION messaging_availability_ended();
