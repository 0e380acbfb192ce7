-- Two roles do the work; neither owns a table, neither is a superuser, neither may change the log.
-- Row security is forced on every tenant's table: the app sees one tenant, the worker sees all.

DO $$
DECLARE role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['tallystick_app', 'tallystick_worker'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another migration of this cluster made it just now
            END;
        END IF;
        IF NOT pg_has_role(current_user, role, 'SET') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER WITH INHERIT FALSE, SET TRUE', role);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON tenant, api_key, seller, registration, idempotency_key, object, invoice, submission,
    webhook_endpoint, webhook_event, webhook_delivery, webhook_cursor, compliance_log
    TO tallystick_app, tallystick_worker;
GRANT UPDATE ON tenant, api_key, seller, registration, idempotency_key, invoice, submission,
    webhook_endpoint, webhook_delivery, webhook_cursor
    TO tallystick_app, tallystick_worker;
GRANT INSERT ON log_pending TO tallystick_app;
GRANT SELECT ON attempt, authority_chain, breaker TO tallystick_app;
GRANT SELECT, INSERT, UPDATE ON attempt, authority_chain, breaker TO tallystick_worker;
GRANT SELECT, INSERT, DELETE ON log_pending TO tallystick_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON registration_session TO tallystick_worker;
GRANT DELETE ON idempotency_key, webhook_cursor TO tallystick_worker;
GRANT SELECT ON alembic_version TO tallystick_app, tallystick_worker; -- a probe asks whether to run migrations
GRANT DELETE ON seller TO tallystick_app; -- one that nothing was issued for; the foreign keys see to it

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tenant', 'api_key', 'seller', 'registration', 'registration_session',
        'idempotency_key', 'object', 'invoice', 'authority_chain', 'submission', 'attempt', 'compliance_log',
        'webhook_endpoint', 'webhook_event', 'webhook_delivery', 'webhook_cursor'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_tenant ON %I TO tallystick_app USING (%I = current_tenant())',
            name, CASE name WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END);
        EXECUTE format('CREATE POLICY every_tenant ON %I TO tallystick_worker USING (true)', name);
    END LOOP;
END $$;

-- Who a key belongs to must be known before the tenant is: this one look-up runs as the owner.
CREATE POLICY key_lookup ON api_key FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION find_api_key(p_prefix text) RETURNS SETOF api_key
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT * FROM public.api_key WHERE prefix = p_prefix
$$;
REVOKE ALL ON FUNCTION find_api_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_api_key(text) TO tallystick_app, tallystick_worker;

REVOKE ALL ON FUNCTION append_entry, append_event, accept_invoice, find_registrations, backlog FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_entry, append_event TO tallystick_app, tallystick_worker;
GRANT EXECUTE ON FUNCTION accept_invoice, find_registrations, backlog TO tallystick_app;
