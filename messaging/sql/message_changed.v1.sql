-- What a person wrote is changed in a room that can be written to, while the author is in it. Whoever changes it holds
-- the room's row, as whoever sends does.
-- It stays in its room, at its place, and its author's.
CREATE FUNCTION messaging_message_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.room_id, OLD.seq, OLD.kind, OLD.author_id) IS DISTINCT FROM (NEW.room_id, NEW.seq, NEW.kind, NEW.author_id)
    THEN
        RAISE EXCEPTION 'a message stays in its place and its author''s' USING ERRCODE = 'WB001';
    END IF;
    IF EXISTS (SELECT 1 FROM messaging_room room WHERE room.id = NEW.room_id AND room.frozen_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the room is frozen' USING ERRCODE = 'WB001';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM messaging_membership inside
        WHERE inside.room_id = NEW.room_id AND inside.member_id = NEW.author_id AND inside.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'the author is not in the room' USING ERRCODE = 'WB001';
    END IF;
    RETURN NEW;
END $$;

-- Its HTML is made from its body, and may be made anew at any time.
CREATE TRIGGER messaging_message_changes BEFORE UPDATE ON messaging_message
    FOR EACH ROW WHEN (
        OLD.kind = 'text'
        AND (OLD.room_id, OLD.seq, OLD.kind, OLD.author_id, OLD.body)
            IS DISTINCT FROM (NEW.room_id, NEW.seq, NEW.kind, NEW.author_id, NEW.body)
    )
    EXECUTE FUNCTION messaging_message_changed();
