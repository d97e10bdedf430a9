-- federation_require(a, b): may these two members be connected, from now until this transaction ends?
-- Locks the link and then both live availabilities, in this order everywhere, FOR NO KEY UPDATE: whoever closes
-- updates the same rows, so one waits for the other and neither works on old knowledge. FOR SHARE would let a stream
-- of adders starve the one who closes.
CREATE FUNCTION federation_require(one bigint, other bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    company_one bigint;
    company_other bigint;
    open boolean;
    found_members bigint;
BEGIN
    SELECT company_id INTO company_one FROM accounts_user WHERE id = one;
    SELECT company_id INTO company_other FROM accounts_user WHERE id = other;
    IF company_one = company_other THEN
        RETURN;
    END IF;
    SELECT is_open INTO open FROM federation_link
    WHERE company_a_id = least(company_one, company_other) AND company_b_id = greatest(company_one, company_other)
    FOR NO KEY UPDATE;
    IF open IS NOT TRUE THEN
        RAISE EXCEPTION 'the link between companies % and % is not open', company_one, company_other
            USING ERRCODE = 'WB001';
    END IF;
    SELECT count(*) INTO found_members FROM (
        SELECT 1 FROM federation_availability
        WHERE member_id IN (one, other) AND ended_at IS NULL ORDER BY member_id FOR NO KEY UPDATE
    ) AS live;
    IF found_members < 2 THEN
        RAISE EXCEPTION 'external connection is not available to member % or %', one, other USING ERRCODE = 'WB001';
    END IF;
END $$;

-- People do not move between companies: every consent would have to be asked again.
CREATE FUNCTION federation_company_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a member cannot move to another company' USING ERRCODE = 'WB001';
END $$;

CREATE TRIGGER federation_company_fixed BEFORE UPDATE OF company_id ON accounts_user
    FOR EACH ROW WHEN (OLD.company_id IS DISTINCT FROM NEW.company_id AND OLD.company_id IS NOT NULL)
    EXECUTE FUNCTION federation_company_fixed();
