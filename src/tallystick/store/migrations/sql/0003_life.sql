-- The life of a document: its chain is chosen when it is frozen and may begin anywhere, its deadline is watched.

ALTER TABLE authority_chain
    ADD COLUMN first_no bigint NOT NULL DEFAULT 1 CONSTRAINT authority_chain_first CHECK (first_no >= 1),
    ADD COLUMN first_link text NOT NULL DEFAULT '';

-- deadline_told: how much of the time was over when it was last told, in percent; alarm_at: when to tell next.
-- outcome_marks: what the authority's last word gave, beside the marks of the document.
ALTER TABLE submission
    ADD COLUMN deadline_told integer NOT NULL DEFAULT 0
        CONSTRAINT submission_told CHECK (deadline_told IN (0, 50, 80, 95, 100)),
    ADD COLUMN alarm_at timestamptz,
    ADD COLUMN outcome_marks jsonb NOT NULL DEFAULT '{}';
CREATE INDEX submission_alarm ON submission (alarm_at) WHERE alarm_at IS NOT NULL;
CREATE INDEX submission_deadline ON submission (deadline_at)
    WHERE deadline_at IS NOT NULL AND state IN ('queued', 'retry_wait', 'unknown', 'pending', 'parked');

-- When this much of the time from acceptance to the deadline is over; never before the acceptance.
CREATE FUNCTION part_of_time(accepted timestamptz, deadline timestamptz, percent integer) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest(accepted, accepted + (deadline - accepted) * (percent / 100.0::float8))
$$;

CREATE FUNCTION set_alarm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.alarm_at := part_of_time(NEW.created_at, NEW.deadline_at, 50);
    RETURN NEW;
END $$;
CREATE TRIGGER submission_alarm BEFORE INSERT ON submission FOR EACH ROW
    WHEN (NEW.deadline_at IS NOT NULL AND NEW.alarm_at IS NULL) EXECUTE FUNCTION set_alarm();

CREATE OR REPLACE FUNCTION chain_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.first_no, NEW.first_link)
        IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.first_no, OLD.first_link)
        OR NEW.next_no < OLD.next_no THEN
        PERFORM frozen('the past of a chain');
    END IF;
    RETURN NEW;
END $$;

-- The chain's next place, under its row lock until the transaction ends. One that is not there yet begins at 1.
CREATE FUNCTION lock_chain(p_chain text, p_tenant_id uuid, OUT number bigint, OUT previous text)
LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    FOR look IN 1..2 LOOP
        SELECT c.next_no, c.last_link INTO number, previous FROM authority_chain c
            WHERE c.id = p_chain AND c.tenant_id = p_tenant_id FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO authority_chain (id, tenant_id) VALUES (p_chain, p_tenant_id) ON CONFLICT DO NOTHING;
    END LOOP;
    IF number IS NULL THEN
        RAISE EXCEPTION 'the chain is not this tenant''s' USING ERRCODE = 'TS004';
    END IF;
END $$;

-- The place is used up. Nobody else can have used it, for we hold the chain's lock; if so, nothing is written.
CREATE FUNCTION advance_chain(p_chain text, p_number bigint, p_link text) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    UPDATE authority_chain c SET next_no = p_number + 1, last_link = p_link, version = c.version + 1
        WHERE c.id = p_chain AND c.next_no = p_number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the place in the chain was taken' USING ERRCODE = 'TS010';
    END IF;
END $$;

-- Before a document is built in a transaction of its own: everything it depends on, under lock, in this order:
-- the registration (shared), the chain, the invoice, the submission.
--
-- readiness: 'ready', 'changed' (the registration is no longer as it was read), 'frozen' (it was built already),
-- 'taken' (a worker is at it, or it needs none).
CREATE FUNCTION begin_document(
    p_submission_id uuid, p_invoice_id uuid, p_tenant_id uuid, p_registration_id uuid, p_version integer,
    p_state text, p_chain text,
    OUT readiness text, OUT number bigint, OUT previous text, OUT token bigint, OUT state text, OUT moment timestamptz
) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    place record;
    held record;
BEGIN
    IF p_registration_id IS NOT NULL THEN
        PERFORM FROM registration r
            WHERE r.id = p_registration_id AND r.version = p_version AND r.state = p_state FOR SHARE;
        IF NOT FOUND THEN
            readiness := 'changed';
            RETURN;
        END IF;
    END IF;
    IF p_chain IS NOT NULL THEN
        SELECT * INTO place FROM lock_chain(p_chain, p_tenant_id);
        number := place.number;
        previous := place.previous;
    END IF;
    PERFORM FROM invoice i WHERE i.id = p_invoice_id FOR UPDATE;
    SELECT s.token, s.state, s.wire_object, s.lease_until INTO held FROM submission s
        WHERE s.id = p_submission_id FOR UPDATE;
    token := held.token;
    state := held.state;
    moment := clock_timestamp();
    readiness := CASE WHEN held.wire_object IS NOT NULL THEN 'frozen'
        WHEN held.state IN ('queued', 'retry_wait', 'parked')
            AND (held.lease_until IS NULL OR held.lease_until < moment) THEN 'ready'
        ELSE 'taken' END;
END $$;

-- What was built, for good: its bodies (the first is the document), its place, its entry and, for one that is
-- the buyer's at once, its event.
CREATE FUNCTION store_document(
    p_submission_id uuid, p_invoice_id uuid, p_tenant_id uuid, p_token bigint,
    p_sha256 bytea, p_marks text, p_link text, p_chain text, p_number bigint, p_previous text,
    p_ids uuid[], p_salts bytea[], p_digests bytea[], p_media text[], p_names text[], p_bodies bytea[],
    p_entry text, p_event_id uuid, p_event_type text, p_event_body text
) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO object (id, tenant_id, salt, digest, size, media_type, name, body)
        SELECT o.id, p_tenant_id, o.salt, o.digest, length(o.body), o.media, o.name, o.body
        FROM unnest(p_ids, p_salts, p_digests, p_media, p_names, p_bodies)
            AS o (id, salt, digest, media, name, body);
    UPDATE submission s SET wire_object = p_ids[1], wire_sha256 = p_sha256, wire_media_type = p_media[1],
            marks = CAST(p_marks AS jsonb), link = p_link, chain_id = p_chain, chain_no = p_number,
            prev_link = p_previous
        WHERE s.id = p_submission_id AND s.token = p_token AND s.wire_object IS NULL;
    IF NOT FOUND THEN
        PERFORM frozen('the wire document');
    END IF;
    IF p_number IS NOT NULL THEN
        PERFORM advance_chain(p_chain, p_number, p_link);
    END IF;
    PERFORM append_entry(p_tenant_id, 'invoice', p_invoice_id, p_entry);
    IF p_event_id IS NOT NULL THEN
        PERFORM append_event(p_tenant_id, p_invoice_id, p_event_id, p_event_type, p_event_body);
    END IF;
END $$;

-- Where an invoice stands, for a caller who waits for it: one cheap look.
CREATE FUNCTION standing_of(
    p_tenant_id uuid, p_mode text, p_invoice_id uuid, OUT processing_status text, OUT built boolean
) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('app.tenant', p_tenant_id::text, true);
    SELECT i.processing_status, s.wire_object IS NOT NULL INTO processing_status, built
        FROM invoice i LEFT JOIN submission s ON s.invoice_id = i.id AND s.kind = 'issue'
        WHERE i.id = p_invoice_id AND i.tenant_id = p_tenant_id AND i.mode = p_mode;
END $$;

REVOKE ALL ON FUNCTION lock_chain, advance_chain, begin_document, store_document, standing_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_chain, advance_chain, begin_document, store_document TO tallystick_worker;
GRANT EXECUTE ON FUNCTION standing_of TO tallystick_app;
