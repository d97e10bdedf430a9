-- The audit log: append-only, and each company's entries chained by a keyed hash (HMAC-SHA-256), so that whoever
-- changes them by SQL cannot make the chain fit again. The key is not in the database: it comes with each INSERT, as
-- the setting worksbridge.audit_key of that transaction alone: 128 bytes in hex, the key's inner and outer pad.
-- accounts/audit/chain.py computes the same in Python.

-- The parts one after the other, each with its length before it, so that nothing moves from one into the next.
CREATE FUNCTION accounts_audit_parts(VARIADIC parts text[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(coalesce(octet_length(convert_to(part, 'UTF8')) || ':' || part, '-'), ',' ORDER BY place)
    FROM unnest(parts) WITH ORDINALITY AS listed (part, place)
$$;

CREATE FUNCTION accounts_audit_hash(key bytea, said text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(substring(key FROM 65) || sha256(substring(key FOR 64) || convert_to(said, 'UTF8'))), 'hex')
$$;

CREATE FUNCTION accounts_audit_key() RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE
    given text := coalesce(current_setting('worksbridge.audit_key', true), '');
BEGIN
    IF length(given) <> 256 OR given !~ '^[0-9a-f]+$' THEN
        RAISE EXCEPTION 'audit entries are written by the product alone' USING ERRCODE = 'WB003';
    END IF;
    RETURN decode(given, 'hex');
END $$;

-- Seals the entries of one transaction that have no seal yet. The heads are locked in the order of their companies, and
-- only from here to the end of the commit: whoever writes into several logs never waits in a circle. Whether there is a
-- seal is asked in a way that the planner cannot make one join of, which without statistics would read the whole log.
CREATE FUNCTION accounts_audit_seal(sealed_transaction bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    key bytea := accounts_audit_key();
    companies bigint[];
    head accounts_auditchain;
    entry accounts_auditentry;
BEGIN
    SELECT array_agg(DISTINCT e.company_id ORDER BY e.company_id) INTO companies FROM accounts_auditentry e
    WHERE e.transaction = sealed_transaction
      AND NOT (SELECT EXISTS (SELECT 1 FROM accounts_auditseal s WHERE s.entry_id = e.id));
    IF companies IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO accounts_auditchain (company_id, number, hash, mac)
    SELECT company, 0, '', '' FROM unnest(companies) AS company ORDER BY company ON CONFLICT DO NOTHING;
    FOR head IN
        SELECT * FROM accounts_auditchain WHERE company_id = ANY (companies) ORDER BY company_id FOR NO KEY UPDATE
    LOOP
        FOR entry IN
            SELECT * FROM accounts_auditentry e
            WHERE e.transaction = sealed_transaction AND e.company_id = head.company_id
              AND NOT (SELECT EXISTS (SELECT 1 FROM accounts_auditseal s WHERE s.entry_id = e.id))
            ORDER BY e.id
        LOOP
            head.number := head.number + 1;
            head.hash := accounts_audit_hash(key, accounts_audit_parts(
                'entry', head.company_id::text, head.number::text, head.hash, entry.id::text, entry.transaction::text,
                entry.actor_id::text, entry.event, entry.data::text,
                (extract(epoch FROM entry.created_at) * 1000000)::bigint::text, entry.address::text
            ));
            INSERT INTO accounts_auditseal (entry_id, company_id, number, hash)
            VALUES (entry.id, head.company_id, head.number, head.hash);
        END LOOP;
        UPDATE accounts_auditchain SET number = head.number, hash = head.hash, mac = accounts_audit_hash(
            key, accounts_audit_parts('head', head.company_id::text, head.number::text, head.hash)
        ) WHERE company_id = head.company_id;
    END LOOP;
END $$;

-- Entries that were there before got this transaction's number with the new column, and their place as they were written.
SELECT accounts_audit_seal(pg_current_xact_id()::text::bigint);

-- At the commit. The first of a transaction's entries seals them all; the others find that it is done.
CREATE FUNCTION accounts_audit_entry_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_auditseal WHERE entry_id = NEW.id) THEN
        RETURN NULL;
    END IF;
    PERFORM accounts_audit_seal(pg_current_xact_id()::text::bigint);
    IF NOT EXISTS (SELECT 1 FROM accounts_auditseal WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'audit entries are written by the product alone' USING ERRCODE = 'WB003';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER accounts_audit_entry_sealed AFTER INSERT ON accounts_auditentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_audit_entry_sealed();

-- After the statement, because the setting comes with it.
CREATE FUNCTION accounts_audit_entry_keyed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM accounts_audit_key();
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_audit_entry_keyed AFTER INSERT ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_entry_keyed();

CREATE FUNCTION accounts_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log can only be added to' USING ERRCODE = 'WB003';
END $$;

CREATE TRIGGER accounts_audit_entry_kept BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_append_only();
CREATE TRIGGER accounts_audit_seal_kept BEFORE UPDATE OR DELETE ON accounts_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_append_only();
CREATE TRIGGER accounts_audit_chain_kept BEFORE DELETE ON accounts_auditchain
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_append_only();
CREATE TRIGGER accounts_audit_entry_not_emptied BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_append_only();
CREATE TRIGGER accounts_audit_seal_not_emptied BEFORE TRUNCATE ON accounts_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_append_only();
CREATE TRIGGER accounts_audit_chain_not_emptied BEFORE TRUNCATE ON accounts_auditchain
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_append_only();

-- Seals and heads come from the trigger above alone: one trigger deeper than a statement of anybody else.
CREATE FUNCTION accounts_audit_from_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the audit log can only be added to' USING ERRCODE = 'WB003';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_audit_seal_written BEFORE INSERT ON accounts_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_from_sealing();
CREATE TRIGGER accounts_audit_chain_written BEFORE INSERT OR UPDATE ON accounts_auditchain
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_from_sealing();
