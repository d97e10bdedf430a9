-- Group rooms: who may come in is asked once for each statement, whatever number of people it adds.

CREATE FUNCTION messaging_admit(changed_room bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before bigint[];
    after bigint[];
BEGIN
    SELECT array_agg(member_id ORDER BY member_id) INTO before
    FROM messaging_membership WHERE room_id = changed_room AND ended_at IS NULL;
    -- Links and availabilities before the room: the lock order of the whole product.
    PERFORM federation_require_all(before);
    PERFORM 1 FROM messaging_room WHERE id = changed_room FOR NO KEY UPDATE;
    SELECT array_agg(member_id ORDER BY member_id) INTO after
    FROM messaging_membership WHERE room_id = changed_room AND ended_at IS NULL;
    -- Somebody else came in while this waited for the room. To lock their links now would be against the order.
    IF NOT after <@ before AND (SELECT count(DISTINCT company_id) FROM accounts_user WHERE id = ANY (after)) > 1 THEN
        RAISE EXCEPTION 'others came into room % at the same moment', changed_room USING ERRCODE = 'WB001';
    END IF;
    UPDATE messaging_room SET is_external = true
    WHERE id = changed_room AND NOT is_external
      AND (SELECT count(DISTINCT company_id) FROM accounts_user WHERE id = ANY (after)) > 1;
END $$;

CREATE FUNCTION messaging_memberships_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    IF EXISTS (
        SELECT 1 FROM added JOIN messaging_room room ON room.id = added.room_id
        WHERE added.ended_at IS NULL AND room.kind = 'direct' AND added.member_id NOT IN (room.low_id, room.high_id)
    ) THEN
        RAISE EXCEPTION 'a 1:1 room has two members' USING ERRCODE = 'WB001';
    END IF;
    FOR changed IN
        SELECT DISTINCT room.id FROM added JOIN messaging_room room ON room.id = added.room_id
        WHERE added.ended_at IS NULL AND room.kind = 'group' ORDER BY room.id
    LOOP
        PERFORM messaging_admit(changed);
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION messaging_memberships_revived() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh JOIN earlier ON earlier.id = fresh.id JOIN messaging_room room ON room.id = fresh.room_id
        WHERE fresh.ended_at IS NULL AND room.kind = 'direct' AND fresh.member_id NOT IN (room.low_id, room.high_id)
    ) THEN
        RAISE EXCEPTION 'a 1:1 room has two members' USING ERRCODE = 'WB001';
    END IF;
    FOR changed IN
        SELECT DISTINCT room.id FROM fresh
        JOIN earlier ON earlier.id = fresh.id JOIN messaging_room room ON room.id = fresh.room_id
        WHERE fresh.ended_at IS NULL AND room.kind = 'group'
          AND (earlier.ended_at IS NOT NULL OR earlier.room_id <> fresh.room_id OR earlier.member_id <> fresh.member_id)
        ORDER BY room.id
    LOOP
        PERFORM messaging_admit(changed);
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER messaging_memberships_added AFTER INSERT ON messaging_membership
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION messaging_memberships_added();

CREATE TRIGGER messaging_memberships_revived AFTER UPDATE ON messaging_membership
    REFERENCING OLD TABLE AS earlier NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION messaging_memberships_revived();

-- A group room that can be written to has, at every commit, a Group Master of its hosting company.
CREATE FUNCTION messaging_master_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint := coalesce(NEW.room_id, OLD.room_id);
    room messaging_room;
BEGIN
    -- Locked, so that two who step down at once do not each count on the other.
    SELECT * INTO room FROM messaging_room WHERE id = checked FOR NO KEY UPDATE;
    IF room.id IS NULL OR room.kind <> 'group' OR room.frozen_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM messaging_membership WHERE room_id = checked AND ended_at IS NULL) AND NOT EXISTS (
        SELECT 1 FROM messaging_membership m JOIN accounts_user u ON u.id = m.member_id
        WHERE m.room_id = checked AND m.ended_at IS NULL AND m.role = 'master'
          AND u.company_id = room.hosting_company_id
    ) THEN
        RAISE EXCEPTION 'room % has no Group Master of its hosting company', checked USING ERRCODE = 'WB002';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER messaging_master_begins AFTER INSERT ON messaging_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.ended_at IS NULL)
    EXECUTE FUNCTION messaging_master_stays();

CREATE CONSTRAINT TRIGGER messaging_master_stays AFTER UPDATE ON messaging_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (
        (OLD.role = 'master' AND OLD.ended_at IS NULL AND (NEW.role <> 'master' OR NEW.ended_at IS NOT NULL))
        OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)
    )
    EXECUTE FUNCTION messaging_master_stays();

CREATE CONSTRAINT TRIGGER messaging_master_deleted AFTER DELETE ON messaging_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'master' AND OLD.ended_at IS NULL)
    EXECUTE FUNCTION messaging_master_stays();

CREATE FUNCTION messaging_room_thaws() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM messaging_membership WHERE room_id = NEW.id AND ended_at IS NULL) AND NOT EXISTS (
        SELECT 1 FROM messaging_membership m JOIN accounts_user u ON u.id = m.member_id
        WHERE m.room_id = NEW.id AND m.ended_at IS NULL AND m.role = 'master' AND u.company_id = NEW.hosting_company_id
    ) THEN
        RAISE EXCEPTION 'room % has no Group Master of its hosting company', NEW.id USING ERRCODE = 'WB002';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER messaging_room_thaws AFTER UPDATE ON messaging_room
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'group' AND NEW.frozen_at IS NULL AND OLD.frozen_at IS NOT NULL)
    EXECUTE FUNCTION messaging_room_thaws();

-- The same check as before for each member who lost external connection, asked by equality alone: with "or" between
-- columns a database without fresh statistics read the whole table for each of them, inside of the closing commit.
CREATE OR REPLACE FUNCTION messaging_availability_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM federation_availability v WHERE v.member_id = OLD.member_id AND v.ended_at IS NULL) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM messaging_room r
        WHERE r.low_id = OLD.member_id AND r.kind = 'direct' AND r.is_external AND r.frozen_at IS NULL
    ) OR EXISTS (
        SELECT 1 FROM messaging_room r
        WHERE r.high_id = OLD.member_id AND r.kind = 'direct' AND r.is_external AND r.frozen_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a room is still open for a member without external connection' USING ERRCODE = 'WB001';
    END IF;
    PERFORM 1 FROM messaging_membership m
    WHERE m.member_id = OLD.member_id AND m.ended_at IS NULL
      AND (SELECT r.kind = 'group' AND r.is_external FROM messaging_room r WHERE r.id = m.room_id)
      AND EXISTS (
          SELECT 1 FROM messaging_membership y JOIN accounts_user u ON u.id = y.member_id
          WHERE y.room_id = m.room_id AND y.ended_at IS NULL
            AND u.company_id <> (SELECT me.company_id FROM accounts_user me WHERE me.id = OLD.member_id)
      );
    IF FOUND THEN
        RAISE EXCEPTION 'a room is still open for a member without external connection' USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;
