-- Writing history. Templates come with raw control characters where only the database knows the value:
-- U+0001 its time, U+0002 a hash, U+0003 a place in a stream, U+0004 a second place. JSON text never holds
-- these characters raw, so nothing a caller sends can be mistaken for one.
--
-- The functions keep their plans (planning anew costs more than the work) and never scan a whole table, whatever
-- the tables held when a connection first called them.

-- The tenant of this transaction; NULL (no row matches) when none was set, also after a transaction ended.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('app.tenant', true), '')::uuid
$$;

CREATE FUNCTION utc_text(t timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION notch(entry bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256('tallystick/log-entry/v1\012'::bytea || entry)
$$;

-- Append one entry to its stream, under the lock of the stream's head: the invoice's row, or for other
-- streams an advisory lock until the end of the transaction.
CREATE FUNCTION append_entry(
    p_tenant_id uuid, p_stream_kind text, p_stream_id uuid, p_entry text,
    OUT seq integer, OUT hash bytea, OUT at timestamptz, OUT entry bytea
) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    previous bytea;
    number bigint;
BEGIN
    IF p_stream_kind = 'invoice' THEN
        SELECT i.stream_seq, i.stream_hash INTO seq, previous FROM invoice i
            WHERE i.id = p_stream_id AND i.tenant_id = p_tenant_id FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such invoice' USING ERRCODE = 'TS004';
        END IF;
    ELSE
        PERFORM pg_advisory_xact_lock(hashtextextended(p_stream_kind || p_stream_id::text, 0));
        SELECT l.stream_seq, l.hash INTO seq, previous FROM compliance_log l
            WHERE l.stream_kind = p_stream_kind AND l.stream_id = p_stream_id
            ORDER BY l.stream_seq DESC LIMIT 1;
    END IF;
    seq := coalesce(seq, 0) + 1;
    previous := coalesce(previous, decode(repeat('00', 32), 'hex'));
    at := clock_timestamp();
    entry := convert_to(replace(replace(replace(p_entry,
        E'\u0001', utc_text(at)), E'\u0002', encode(previous, 'hex')), E'\u0003', seq::text), 'UTF8');
    hash := notch(entry);
    INSERT INTO compliance_log AS l (tenant_id, stream_kind, stream_id, stream_seq, prev_hash, hash, entry, at)
        VALUES (p_tenant_id, p_stream_kind, p_stream_id, seq, previous, append_entry.hash, append_entry.entry,
                append_entry.at)
        RETURNING l.id INTO number;
    INSERT INTO log_pending (entry_id) VALUES (number);
    IF p_stream_kind = 'invoice' THEN
        UPDATE invoice i SET stream_seq = seq, stream_hash = append_entry.hash, version = i.version + 1,
            updated_at = append_entry.at WHERE i.id = p_stream_id;
    END IF;
END $$;

-- Append one event of an invoice and its deliveries. An endpoint that is switched off gets them held back.
CREATE FUNCTION append_event(
    p_tenant_id uuid, p_invoice_id uuid, p_event_id uuid, p_type text, p_body text,
    OUT seq integer, OUT deliveries integer
) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    head record;
    moment timestamptz := clock_timestamp();
BEGIN
    UPDATE invoice i SET event_seq = i.event_seq + 1
        WHERE i.id = p_invoice_id AND i.tenant_id = p_tenant_id
        RETURNING i.event_seq, i.stream_seq, i.stream_hash, i.mode INTO head;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such invoice' USING ERRCODE = 'TS004';
    END IF;
    seq := head.event_seq;
    INSERT INTO webhook_event (id, tenant_id, invoice_id, seq, type, body, at)
        VALUES (p_event_id, p_tenant_id, p_invoice_id, append_event.seq, p_type,
            convert_to(replace(replace(replace(replace(p_body,
                E'\u0001', utc_text(moment)), E'\u0002', encode(head.stream_hash, 'hex')),
                E'\u0003', head.event_seq::text), E'\u0004', head.stream_seq::text), 'UTF8'), moment);
    INSERT INTO webhook_delivery (event_id, endpoint_id, tenant_id, invoice_id, seq, state, next_at)
        SELECT p_event_id, e.id, p_tenant_id, p_invoice_id,
            1 + (SELECT count(*) FROM webhook_delivery d WHERE d.endpoint_id = e.id AND d.invoice_id = p_invoice_id),
            CASE e.state WHEN 'active' THEN 'queued' ELSE 'held' END, moment
        FROM webhook_endpoint e
        WHERE e.tenant_id = p_tenant_id AND e.state <> 'deleted' AND (e.mode IS NULL OR e.mode = head.mode)
            AND e.events && ARRAY[p_type, '*'];
    GET DIAGNOSTICS deliveries = ROW_COUNT;
END $$;
