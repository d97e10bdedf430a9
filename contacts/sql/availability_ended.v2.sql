-- Asked by equality alone: with "or" between columns a database without fresh statistics read the whole table.
CREATE OR REPLACE FUNCTION contacts_availability_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM federation_availability v WHERE v.member_id = OLD.member_id AND v.ended_at IS NULL) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM contacts_externalcontact c WHERE c.owner_id = OLD.member_id AND c.closed_at IS NULL)
    OR EXISTS (SELECT 1 FROM contacts_externalcontact c WHERE c.person_id = OLD.member_id AND c.closed_at IS NULL) THEN
        RAISE EXCEPTION 'a contact is still live for a member without external connection' USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;
