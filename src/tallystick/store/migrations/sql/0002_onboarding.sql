-- Coming to credentials step by step, and what registrations tell subscribers.

ALTER TABLE registration DROP CONSTRAINT registration_state;
ALTER TABLE registration
    ADD CONSTRAINT registration_state CHECK (state IN ('new', 'active', 'draining', 'paused', 'retired')),
    ADD CONSTRAINT registration_environment CHECK (environment IN ('sandbox', 'simulation', 'production')),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN expiry_told integer,
    ADD COLUMN key_store text NOT NULL DEFAULT '',
    ADD COLUMN event_seq integer NOT NULL DEFAULT 0;
CREATE INDEX registration_expiry ON registration (expires_at)
    WHERE expires_at IS NOT NULL AND state <> 'retired';

-- One row for each time a registration comes to its credentials. What is secret in it is wrapped: the stage's
-- secrets one by one, the new key, and the one-time code, which is gone before the request that uses it leaves.
CREATE TABLE registration_process (
    id uuid PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES registration,
    tenant_id uuid NOT NULL,
    purpose text NOT NULL
        CONSTRAINT registration_process_purpose CHECK (purpose IN ('enrol', 'renew', 'takeover', 'test')),
    stage text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{}',
    secrets_wrapped bytea,
    signer_wrapped bytea,
    code_wrapped bytea,
    wants_code boolean NOT NULL DEFAULT false,
    drains boolean NOT NULL DEFAULT false,
    state text NOT NULL CONSTRAINT registration_process_state
        CHECK (state IN ('waiting_code', 'due', 'draining', 'running', 'failed', 'done')),
    steps integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    next_at timestamptz DEFAULT clock_timestamp(),
    lease_until timestamptz,
    token bigint NOT NULL DEFAULT 0,
    owner text,
    detail text NOT NULL DEFAULT '',
    faults text NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT registration_process_goes_on CHECK (CASE state
        WHEN 'due' THEN next_at IS NOT NULL
        WHEN 'draining' THEN next_at IS NOT NULL
        WHEN 'running' THEN lease_until IS NOT NULL
        ELSE true END),
    CONSTRAINT registration_process_no_code CHECK (code_wrapped IS NULL OR state IN ('due', 'draining'))
);
CREATE UNIQUE INDEX registration_process_alone ON registration_process (registration_id)
    WHERE state NOT IN ('failed', 'done');
CREATE INDEX registration_process_of ON registration_process (registration_id, created_at);
CREATE INDEX registration_process_due ON registration_process (next_at) WHERE state IN ('due', 'draining');
CREATE INDEX registration_process_leased ON registration_process (lease_until) WHERE state = 'running';

CREATE FUNCTION registration_process_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.registration_id, NEW.tenant_id, NEW.purpose, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.registration_id, OLD.tenant_id, OLD.purpose, OLD.created_at) THEN
        PERFORM frozen('the identity of an onboarding');
    END IF;
    IF OLD.state IN ('failed', 'done') THEN
        PERFORM frozen('an onboarding that has ended');
    END IF;
    IF NEW.token < OLD.token THEN
        PERFORM frozen('a higher token');
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER registration_process_guard BEFORE UPDATE ON registration_process
    FOR EACH ROW EXECUTE FUNCTION registration_process_guard();

GRANT SELECT, INSERT, UPDATE ON registration_process TO tallystick_app, tallystick_worker;
ALTER TABLE registration_process ENABLE ROW LEVEL SECURITY;
ALTER TABLE registration_process FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON registration_process TO tallystick_app USING (tenant_id = current_tenant());
CREATE POLICY every_tenant ON registration_process TO tallystick_worker USING (true);

-- What waits until a credential may change hands: documents that are frozen and not at their end.
CREATE INDEX submission_frozen ON submission (registration_id)
    WHERE wire_object IS NOT NULL
        AND state IN ('queued', 'in_flight', 'retry_wait', 'unknown', 'pending', 'parked');

-- An event is about an invoice or about a registration; `invoice_id` holds the id of either, here and in the
-- tables of deliveries, and the order of deliveries is that of one of them.
ALTER TABLE webhook_event ADD COLUMN subject text NOT NULL DEFAULT 'invoice'
    CONSTRAINT webhook_event_subject CHECK (subject IN ('invoice', 'registration'));

-- Append one event of a registration and its deliveries; the body comes with the marks of append_event.
CREATE FUNCTION append_registration_event(
    p_tenant_id uuid, p_registration_id uuid, p_event_id uuid, p_type text, p_body text,
    OUT seq integer, OUT deliveries integer
) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    head record;
    standing record;
    moment timestamptz := clock_timestamp();
BEGIN
    UPDATE registration r SET event_seq = r.event_seq + 1
        WHERE r.id = p_registration_id AND r.tenant_id = p_tenant_id
        RETURNING r.event_seq, CASE r.environment WHEN 'production' THEN 'live' ELSE 'test' END AS mode INTO head;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such registration' USING ERRCODE = 'TS004';
    END IF;
    SELECT l.stream_seq, l.hash INTO standing FROM compliance_log l
        WHERE l.stream_kind = 'registration' AND l.stream_id = p_registration_id
        ORDER BY l.stream_seq DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an event stands on an entry' USING ERRCODE = 'TS004';
    END IF;
    seq := head.event_seq;
    INSERT INTO webhook_event (id, tenant_id, invoice_id, seq, type, body, at, subject)
        VALUES (p_event_id, p_tenant_id, p_registration_id, append_registration_event.seq, p_type,
            convert_to(replace(replace(replace(replace(p_body,
                E'\u0001', utc_text(moment)), E'\u0002', encode(standing.hash, 'hex')),
                E'\u0003', head.event_seq::text), E'\u0004', standing.stream_seq::text), 'UTF8'), moment,
            'registration');
    INSERT INTO webhook_delivery (event_id, endpoint_id, tenant_id, invoice_id, seq, state, next_at)
        SELECT p_event_id, e.id, p_tenant_id, p_registration_id,
            1 + (SELECT count(*) FROM webhook_delivery d
                 WHERE d.endpoint_id = e.id AND d.invoice_id = p_registration_id),
            CASE e.state WHEN 'active' THEN 'queued' ELSE 'held' END, moment
        FROM webhook_endpoint e
        WHERE e.tenant_id = p_tenant_id AND e.state <> 'deleted' AND (e.mode IS NULL OR e.mode = head.mode)
            AND e.events && ARRAY[p_type, '*'];
    GET DIAGNOSTICS deliveries = ROW_COUNT;
END $$;
REVOKE ALL ON FUNCTION append_registration_event FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_registration_event TO tallystick_app, tallystick_worker;

-- The registrations under which somebody may issue in these environments: matched by tax identifier, else by
-- legal identifier.
DROP FUNCTION find_registrations(uuid, text, text, text, text);
CREATE FUNCTION find_registrations(
    p_tenant_id uuid, p_strategy text, p_environments text[], p_tax_identifier text, p_legal_identifier text
) RETURNS TABLE (id uuid, seller_id uuid, unit text, endpoint text, settings text, state text,
                 environment text, taxpayer text, tax_identifier text)
LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('app.tenant', p_tenant_id::text, true);
    RETURN QUERY
        SELECT r.id, r.seller_id, r.unit, r.endpoint, r.settings::text, r.state, r.environment, s.name,
            coalesce(r.tax_identifier, s.tax_identifier, '')
        FROM registration r JOIN seller s ON s.id = r.seller_id
        WHERE r.tenant_id = p_tenant_id AND s.tenant_id = p_tenant_id
            AND r.strategy = p_strategy AND r.environment = ANY (p_environments) AND r.state <> 'retired'
            AND (coalesce(r.tax_identifier, s.tax_identifier) = p_tax_identifier
                 OR ((p_tax_identifier IS NULL OR coalesce(r.tax_identifier, s.tax_identifier) IS NULL)
                     AND s.legal_registration_identifier = p_legal_identifier))
        ORDER BY r.id;
END $$;
REVOKE ALL ON FUNCTION find_registrations FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_registrations TO tallystick_app;
