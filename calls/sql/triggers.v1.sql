-- What must never be false about calls, also for SQL by hand. Who takes part in a call, or for whom it rings, is a
-- member of its room, and the room can be written to: what closes a link or withdraws a right ends memberships and
-- freezes rooms in the same transaction (see messaging), so no call lives across a closed link.

CREATE FUNCTION calls_participant_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    room_of_call bigint;
    over timestamptz;
    frozen timestamptz;
BEGIN
    SELECT room_id INTO room_of_call FROM calls_call WHERE id = NEW.call_id;
    -- The room's row is the gate: who ends the call or closes the room holds it, and waits for us or we for them.
    SELECT frozen_at INTO frozen FROM messaging_room WHERE id = room_of_call FOR NO KEY UPDATE;
    -- Asked after the lock: it may have ended while we waited.
    SELECT ended_at INTO over FROM calls_call WHERE id = NEW.call_id;
    IF over IS NOT NULL THEN
        RAISE EXCEPTION 'call % has ended', NEW.call_id USING ERRCODE = 'WB003';
    END IF;
    IF frozen IS NOT NULL THEN
        RAISE EXCEPTION 'the room is frozen' USING ERRCODE = 'WB001';
    END IF;
    -- Locked, so that a membership cannot end beside us unseen.
    PERFORM 1 FROM messaging_membership
    WHERE room_id = room_of_call AND member_id = NEW.member_id AND ended_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'member % is not in the room of call %', NEW.member_id, NEW.call_id USING ERRCODE = 'WB001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER calls_participant_begins BEFORE INSERT ON calls_participant
    FOR EACH ROW WHEN (NEW.state IN ('ringing', 'joined')) EXECUTE FUNCTION calls_participant_guard();

CREATE TRIGGER calls_participant_enters BEFORE UPDATE ON calls_participant
    FOR EACH ROW WHEN (
        NEW.state IN ('ringing', 'joined')
        AND (OLD.state NOT IN ('ringing', 'joined') OR (NEW.state = 'joined' AND OLD.state <> 'joined')
             OR OLD.call_id <> NEW.call_id OR OLD.member_id <> NEW.member_id)
    )
    EXECUTE FUNCTION calls_participant_guard();

-- A call that has ended stays ended, and a live one stays in its room.
CREATE FUNCTION calls_call_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'call % has ended, or moves', OLD.id USING ERRCODE = 'WB003';
END $$;

CREATE TRIGGER calls_call_stays BEFORE UPDATE ON calls_call
    FOR EACH ROW WHEN (
        (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at) OR OLD.room_id <> NEW.room_id
    )
    EXECUTE FUNCTION calls_call_guard();

CREATE FUNCTION calls_call_begins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen timestamptz;
BEGIN
    SELECT frozen_at INTO frozen FROM messaging_room WHERE id = NEW.room_id FOR NO KEY UPDATE;
    IF frozen IS NOT NULL THEN
        RAISE EXCEPTION 'the room is frozen' USING ERRCODE = 'WB001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER calls_call_begins BEFORE INSERT ON calls_call
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION calls_call_begins();

-- At every commit: nobody rings or takes part in a call that has ended.
CREATE FUNCTION calls_call_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM calls_participant WHERE call_id = NEW.id AND state IN ('ringing', 'joined')
    ) AND EXISTS (SELECT 1 FROM calls_call WHERE id = NEW.id AND ended_at IS NOT NULL) THEN
        RAISE EXCEPTION 'call % has ended with people in it', NEW.id USING ERRCODE = 'WB003';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER calls_call_ended AFTER INSERT OR UPDATE ON calls_call
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION calls_call_ended();

-- At the commit of what ends a right nobody takes part without it.
CREATE FUNCTION calls_membership_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM calls_participant p JOIN calls_call c ON c.id = p.call_id
        WHERE c.room_id = OLD.room_id AND c.ended_at IS NULL AND p.member_id = OLD.member_id
          AND p.state IN ('ringing', 'joined')
    ) AND NOT EXISTS (
        SELECT 1 FROM messaging_membership
        WHERE room_id = OLD.room_id AND member_id = OLD.member_id AND ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'member % is still in a call of room %', OLD.member_id, OLD.room_id USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER calls_membership_ended AFTER UPDATE ON messaging_membership
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION calls_membership_ended();

CREATE CONSTRAINT TRIGGER calls_membership_deleted AFTER DELETE ON messaging_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.ended_at IS NULL) EXECUTE FUNCTION calls_membership_ended();

CREATE FUNCTION calls_room_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM calls_call WHERE room_id = NEW.id AND ended_at IS NULL)
       AND EXISTS (SELECT 1 FROM messaging_room WHERE id = NEW.id AND frozen_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a call goes on in room %, which is frozen', NEW.id USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER calls_room_frozen AFTER UPDATE ON messaging_room
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.frozen_at IS NULL AND NEW.frozen_at IS NOT NULL)
    EXECUTE FUNCTION calls_room_frozen();
