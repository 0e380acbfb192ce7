-- The whole acceptance of an invoice in one round trip: key, invoice, objects, submission, first entry, first
-- event, deliveries. Either all of it stands when this returns 'created', or nothing does.
--
-- kind: 'created', 'replayed' (same key, same content: the stored answer), 'key_reused' (same key, other
-- content), 'duplicate' (the number is taken, by invoice_id), 'not_supersedable', 'unknown' (no such invoice
-- to supersede).
-- Errors: TS001 the key was taken while we waited, TS002 the number was taken while we superseded: call again.
CREATE FUNCTION accept_invoice(
    p_tenant_id uuid, p_mode text, p_invoice_id uuid, p_submission_id uuid, p_event_id uuid,
    p_key text, p_method text, p_path text, p_fingerprint bytea, p_key_days integer,
    p_registration_id uuid, p_strategy text, p_strategy_reason text, p_authority text,
    p_seller_key text, p_seller_country text, p_doc_family text, p_type_code text, p_number text,
    p_fiscal_year integer, p_issue_date date, p_currency_code text, p_total_with_tax numeric,
    p_computed text[], p_warnings text, p_supersedes uuid,
    p_payload_id uuid, p_payload_salt bytea, p_payload_digest bytea, p_payload_media text, p_payload_name text,
    p_payload_body bytea,
    p_original_id uuid, p_original_salt bytea, p_original_digest bytea, p_original_media text,
    p_original_name text, p_original_body bytea,
    p_external_ref text, p_chain_id text, p_deadline_at timestamptz,
    p_entry text, p_event_type text, p_event_body text, p_status integer, p_answer text,
    OUT kind text, OUT invoice_id uuid, OUT at_text text, OUT hash bytea,
    OUT status integer, OUT headers text, OUT body bytea
) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    genesis constant bytea := decode(repeat('00', 32), 'hex');
    entry bytea;
    known record;
    number bigint;
    inserted boolean := false;
    superseding boolean := true;
BEGIN
    PERFORM set_config('app.tenant', p_tenant_id::text, true);
    at_text := utc_text(moment);
    entry := convert_to(replace(replace(replace(p_entry,
        E'\u0001', at_text), E'\u0002', repeat('0', 64)), E'\u0003', '1'), 'UTF8');
    hash := notch(entry);

    FOR look IN 1..2 LOOP
        -- The second look sees what was committed while an insert of ours waited for it.
        IF p_key IS NOT NULL THEN
            SELECT k.* INTO known FROM idempotency_key k
                WHERE k.tenant_id = p_tenant_id AND k.mode = p_mode AND k.path = p_path AND k.key = p_key
                    AND k.expires_at > moment;
            IF FOUND THEN
                invoice_id := known.invoice_id;
                IF known.fingerprint <> p_fingerprint OR known.method <> p_method THEN
                    kind := 'key_reused';
                    RETURN;
                END IF;
                kind := 'replayed';
                status := known.status;
                headers := known.headers::text;
                body := known.body;
                RETURN;
            END IF;
        END IF;
        EXIT WHEN look = 2;
        IF p_supersedes IS NOT NULL THEN
            PERFORM FROM invoice i
                WHERE i.id = p_supersedes AND i.tenant_id = p_tenant_id AND i.mode = p_mode
                    AND i.seller_key = p_seller_key AND i.doc_family = p_doc_family AND i.number = p_number
                    AND i.authority_status = 'rejected' AND i.superseded_by IS NULL;
            superseding := FOUND;
            CONTINUE WHEN NOT superseding;
            PERFORM FROM invoice i
                WHERE i.tenant_id = p_tenant_id AND i.mode = p_mode AND i.seller_key = p_seller_key
                    AND i.doc_family = p_doc_family AND i.number = p_number AND i.fiscal_year = p_fiscal_year
                    AND i.superseded_by IS NULL AND i.id <> p_supersedes;
            CONTINUE WHEN FOUND;
            UPDATE invoice i SET superseded_by = p_invoice_id, version = i.version + 1, updated_at = moment
                WHERE i.id = p_supersedes AND i.authority_status = 'rejected' AND i.superseded_by IS NULL;
            superseding := FOUND;
            CONTINUE WHEN NOT superseding;
        END IF;
        INSERT INTO invoice (id, tenant_id, mode, registration_id, strategy, strategy_reason, seller_key,
                seller_country, doc_family, type_code, number, fiscal_year, issue_date, currency_code,
                total_with_tax, payload_object, original_object, computed, warnings, supersedes, stream_seq,
                stream_hash, event_seq, created_at, updated_at)
            VALUES (p_invoice_id, p_tenant_id, p_mode, p_registration_id, p_strategy, p_strategy_reason,
                p_seller_key, p_seller_country, p_doc_family, p_type_code, p_number, p_fiscal_year, p_issue_date,
                p_currency_code, p_total_with_tax, p_payload_id, p_original_id, p_computed, p_warnings,
                p_supersedes, 1, accept_invoice.hash, 1, moment, moment)
            ON CONFLICT DO NOTHING;
        inserted := FOUND;
        EXIT WHEN inserted;
        IF p_supersedes IS NOT NULL THEN
            RAISE EXCEPTION 'the number was taken meanwhile' USING ERRCODE = 'TS002';
        END IF;
    END LOOP;

    IF NOT superseding THEN
        kind := CASE WHEN EXISTS (SELECT FROM invoice i WHERE i.id = p_supersedes AND i.tenant_id = p_tenant_id
            AND i.mode = p_mode) THEN 'not_supersedable' ELSE 'unknown' END;
        invoice_id := p_supersedes;
        RETURN;
    END IF;
    IF NOT inserted THEN
        kind := 'duplicate';
        SELECT i.id, i.stream_hash, utc_text(i.created_at) INTO invoice_id, hash, at_text FROM invoice i
            WHERE i.tenant_id = p_tenant_id AND i.mode = p_mode AND i.seller_key = p_seller_key
                AND i.doc_family = p_doc_family AND i.number = p_number AND i.fiscal_year = p_fiscal_year
                AND i.superseded_by IS NULL;
        RETURN;
    END IF;

    invoice_id := p_invoice_id;
    IF p_key IS NOT NULL THEN
        INSERT INTO idempotency_key AS k (tenant_id, mode, path, key, method, fingerprint, invoice_id, status,
                headers, body, created_at, expires_at)
            VALUES (p_tenant_id, p_mode, p_path, p_key, p_method, p_fingerprint, p_invoice_id, p_status,
                jsonb_build_object('etag', encode(accept_invoice.hash, 'hex')),
                convert_to(replace(p_answer, E'\u0001', at_text), 'UTF8'),
                moment, moment + make_interval(days => p_key_days))
            ON CONFLICT ON CONSTRAINT idempotency_key_pkey DO UPDATE SET method = excluded.method,
                fingerprint = excluded.fingerprint, invoice_id = excluded.invoice_id, status = excluded.status,
                headers = excluded.headers, body = excluded.body, created_at = excluded.created_at,
                expires_at = excluded.expires_at
            WHERE k.expires_at <= moment;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the key was taken meanwhile' USING ERRCODE = 'TS001';
        END IF;
    END IF;
    INSERT INTO object (id, tenant_id, salt, digest, size, media_type, name, body, created_at)
        VALUES (p_payload_id, p_tenant_id, p_payload_salt, p_payload_digest, length(p_payload_body),
            p_payload_media, p_payload_name, p_payload_body, moment);
    IF p_original_id IS NOT NULL THEN
        INSERT INTO object (id, tenant_id, salt, digest, size, media_type, name, body, created_at)
            VALUES (p_original_id, p_tenant_id, p_original_salt, p_original_digest, length(p_original_body),
                p_original_media, p_original_name, p_original_body, moment);
    END IF;
    INSERT INTO submission (id, invoice_id, tenant_id, strategy, authority, registration_id, external_ref,
            chain_id, deadline_at, next_at, created_at, updated_at)
        VALUES (p_submission_id, p_invoice_id, p_tenant_id, p_strategy, p_authority, p_registration_id,
            p_external_ref, p_chain_id, p_deadline_at, moment, moment, moment);
    INSERT INTO compliance_log AS l (tenant_id, stream_kind, stream_id, stream_seq, prev_hash, hash, entry, at)
        VALUES (p_tenant_id, 'invoice', p_invoice_id, 1, genesis, accept_invoice.hash, entry, moment)
        RETURNING l.id INTO number;
    INSERT INTO log_pending (entry_id) VALUES (number);
    INSERT INTO webhook_event (id, tenant_id, invoice_id, seq, type, body, at)
        VALUES (p_event_id, p_tenant_id, p_invoice_id, 1, p_event_type,
            convert_to(replace(replace(replace(replace(p_event_body,
                E'\u0001', at_text), E'\u0002', encode(accept_invoice.hash, 'hex')), E'\u0003', '1'),
                E'\u0004', '1'), 'UTF8'), clock_timestamp());
    INSERT INTO webhook_delivery (event_id, endpoint_id, tenant_id, invoice_id, seq, state, next_at)
        SELECT p_event_id, e.id, p_tenant_id, p_invoice_id, 1,
            CASE e.state WHEN 'active' THEN 'queued' ELSE 'held' END, moment
        FROM webhook_endpoint e
        WHERE e.tenant_id = p_tenant_id AND e.state <> 'deleted' AND (e.mode IS NULL OR e.mode = p_mode)
            AND e.events && ARRAY[p_event_type, '*'];
    kind := 'created';
    status := p_status;
END $$;

-- The registrations under which a seller may issue: matched by tax identifier, else by legal identifier.
CREATE FUNCTION find_registrations(
    p_tenant_id uuid, p_strategy text, p_environment text, p_tax_identifier text, p_legal_identifier text
) RETURNS TABLE (id uuid, seller_id uuid, unit text, endpoint text, settings text, state text)
LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('app.tenant', p_tenant_id::text, true);
    RETURN QUERY
        SELECT r.id, r.seller_id, r.unit, r.endpoint, r.settings::text, r.state
        FROM registration r JOIN seller s ON s.id = r.seller_id
        WHERE r.tenant_id = p_tenant_id AND s.tenant_id = p_tenant_id
            AND r.strategy = p_strategy AND r.environment = p_environment AND r.state <> 'retired'
            AND (coalesce(r.tax_identifier, s.tax_identifier) = p_tax_identifier
                 OR ((p_tax_identifier IS NULL OR coalesce(r.tax_identifier, s.tax_identifier) IS NULL)
                     AND s.legal_registration_identifier = p_legal_identifier))
        ORDER BY r.id;
END $$;

-- How much of a tenant waits for the workers: how many submissions (counted up to p_most), and for how many
-- seconds the first of those that could go at once has been due. What an outage holds back is counted, not timed.
CREATE FUNCTION backlog(p_tenant_id uuid, p_most integer, OUT waiting integer, OUT overdue double precision)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('app.tenant', p_tenant_id::text, true);
    SELECT count(*) INTO waiting FROM (
        SELECT FROM submission s WHERE s.tenant_id = p_tenant_id
            AND s.state IN ('queued', 'retry_wait', 'unknown', 'pending', 'parked') LIMIT p_most) AS counted;
    SELECT extract(epoch FROM clock_timestamp() - s.next_at) INTO overdue FROM submission s
        WHERE s.tenant_id = p_tenant_id AND s.state IN ('queued', 'retry_wait', 'unknown', 'pending', 'parked')
            AND s.state = 'queued' AND s.next_at < clock_timestamp()
        ORDER BY s.next_at LIMIT 1;
    overdue := coalesce(overdue, 0);
END $$;
