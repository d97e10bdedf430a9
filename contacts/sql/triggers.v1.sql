-- What must never be false about contacts, also for SQL by hand. See federation_require.

CREATE FUNCTION contacts_contact_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM federation_require(least(NEW.owner_id, NEW.person_id), greatest(NEW.owner_id, NEW.person_id));
    RETURN NEW;
END $$;

CREATE TRIGGER contacts_contact_added BEFORE INSERT ON contacts_externalcontact
    FOR EACH ROW WHEN (NEW.closed_at IS NULL) EXECUTE FUNCTION contacts_contact_guard();

CREATE TRIGGER contacts_contact_revived BEFORE UPDATE ON contacts_externalcontact
    FOR EACH ROW WHEN (
        NEW.closed_at IS NULL
        AND (OLD.closed_at IS NOT NULL OR OLD.owner_id <> NEW.owner_id OR OLD.person_id <> NEW.person_id)
    )
    EXECUTE FUNCTION contacts_contact_guard();

-- At the commit of a close no contact may be left live across it.
CREATE FUNCTION contacts_link_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM federation_link l WHERE l.id = OLD.id AND l.is_open) AND EXISTS (
        SELECT 1 FROM contacts_externalcontact c
        JOIN accounts_user owner ON owner.id = c.owner_id JOIN accounts_user person ON person.id = c.person_id
        WHERE c.closed_at IS NULL
          AND (owner.company_id, person.company_id) IN
              ((OLD.company_a_id, OLD.company_b_id), (OLD.company_b_id, OLD.company_a_id))
    ) THEN
        RAISE EXCEPTION 'a contact is still live across the closed link' USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER contacts_link_closed AFTER UPDATE OR DELETE ON federation_link
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_open) EXECUTE FUNCTION contacts_link_closed();

CREATE FUNCTION contacts_availability_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM federation_availability v WHERE v.member_id = OLD.member_id AND v.ended_at IS NULL
    ) AND EXISTS (
        SELECT 1 FROM contacts_externalcontact c
        WHERE c.closed_at IS NULL AND (c.owner_id = OLD.member_id OR c.person_id = OLD.member_id)
    ) THEN
        RAISE EXCEPTION 'a contact is still live for a member without external connection' USING ERRCODE = 'WB001';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER contacts_availability_ended AFTER UPDATE OR DELETE ON federation_availability
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.ended_at IS NULL)
    EXECUTE FUNCTION contacts_availability_ended();
