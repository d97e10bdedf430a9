-- federation_require_all(ids): may all these members be together in one room, from now until this transaction ends?
-- The same locks as federation_require, for any number of members and companies: all links by id, then all
-- availabilities by member.
CREATE FUNCTION federation_require_all(members bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    companies bigint[];
    number integer;
    found integer;
BEGIN
    SELECT array_agg(DISTINCT company_id) INTO companies FROM accounts_user WHERE id = ANY (members);
    number := coalesce(cardinality(companies), 0);
    IF number <= 1 THEN
        RETURN;
    END IF;
    SELECT count(*) INTO found FROM (
        SELECT 1 FROM federation_link
        WHERE company_a_id = ANY (companies) AND company_b_id = ANY (companies) AND is_open
        ORDER BY id FOR NO KEY UPDATE
    ) AS open_links;
    IF found <> number * (number - 1) / 2 THEN
        RAISE EXCEPTION 'not all links between the companies % are open', companies USING ERRCODE = 'WB001';
    END IF;
    SELECT count(*) INTO found FROM (
        SELECT 1 FROM federation_availability
        WHERE member_id = ANY (members) AND ended_at IS NULL ORDER BY member_id FOR NO KEY UPDATE
    ) AS live;
    IF found <> (SELECT count(DISTINCT id) FROM unnest(members) AS id) THEN
        RAISE EXCEPTION 'external connection is not available to all of %', members USING ERRCODE = 'WB001';
    END IF;
END $$;
