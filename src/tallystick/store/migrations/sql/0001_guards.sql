-- What must never change, and which way things may go. Triggers bind every role, the owner too.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TS009';
END $$;

CREATE TRIGGER compliance_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON compliance_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON webhook_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION frozen(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is frozen', what USING ERRCODE = 'TS008';
END $$;

CREATE FUNCTION submission_next(state text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE state
        WHEN 'queued' THEN ARRAY['in_flight', 'retry_wait', 'parked', 'dead']
        WHEN 'in_flight' THEN ARRAY['queued', 'retry_wait', 'unknown', 'pending', 'parked',
                                    'done', 'rejected', 'conflict', 'dead']
        WHEN 'retry_wait' THEN ARRAY['in_flight', 'queued', 'unknown', 'parked', 'dead']
        WHEN 'unknown' THEN ARRAY['in_flight', 'queued', 'retry_wait', 'pending', 'parked',
                                  'done', 'rejected', 'conflict', 'dead']
        WHEN 'pending' THEN ARRAY['in_flight', 'unknown', 'parked', 'done', 'rejected', 'conflict', 'dead']
        WHEN 'parked' THEN ARRAY['in_flight', 'queued', 'retry_wait', 'unknown', 'pending', 'dead']
        WHEN 'dead' THEN ARRAY['queued', 'retry_wait', 'unknown', 'pending', 'done', 'rejected']
        WHEN 'conflict' THEN ARRAY['done', 'rejected', 'unknown', 'dead']
        ELSE ARRAY[]::text[] END
$$;

-- Bytes are frozen once: whatever names or identifies what left the building goes from NULL to a value.
CREATE FUNCTION submission_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.invoice_id, NEW.tenant_id, NEW.kind, NEW.strategy, NEW.external_ref)
        IS DISTINCT FROM (OLD.id, OLD.invoice_id, OLD.tenant_id, OLD.kind, OLD.strategy, OLD.external_ref) THEN
        PERFORM frozen('the identity of a submission');
    END IF;
    IF OLD.wire_object IS NOT NULL AND (NEW.wire_object, NEW.wire_sha256, NEW.wire_media_type, NEW.link)
        IS DISTINCT FROM (OLD.wire_object, OLD.wire_sha256, OLD.wire_media_type, OLD.link) THEN
        PERFORM frozen('the wire document');
    END IF;
    IF NEW.chain_id IS DISTINCT FROM OLD.chain_id AND OLD.chain_id IS NOT NULL THEN
        PERFORM frozen('the chain');
    END IF;
    IF OLD.chain_no IS NOT NULL AND (NEW.chain_id, NEW.chain_no, NEW.prev_link)
        IS DISTINCT FROM (OLD.chain_id, OLD.chain_no, OLD.prev_link) THEN
        PERFORM frozen('the place in the chain');
    END IF;
    IF OLD.first_sent_at IS NOT NULL AND NEW.first_sent_at IS DISTINCT FROM OLD.first_sent_at THEN
        PERFORM frozen('the time of the first sending');
    END IF;
    IF NEW.token < OLD.token THEN
        PERFORM frozen('a higher token');
    END IF;
    IF NEW.state <> OLD.state AND NOT NEW.state = ANY (submission_next(OLD.state)) THEN
        RAISE EXCEPTION 'a submission cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'TS007';
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER submission_guard BEFORE UPDATE ON submission
    FOR EACH ROW EXECUTE FUNCTION submission_guard();

CREATE FUNCTION authority_next(status text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE status
        WHEN 'pending' THEN ARRAY['not_required', 'cleared', 'reported', 'registered', 'accepted',
                                  'rejected', 'conflict']
        WHEN 'conflict' THEN ARRAY['cleared', 'reported', 'registered', 'accepted', 'rejected', 'pending']
        ELSE ARRAY[]::text[] END
$$;

CREATE FUNCTION invoice_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.mode, NEW.registration_id, NEW.strategy, NEW.seller_key, NEW.seller_country,
        NEW.doc_family, NEW.type_code, NEW.number, NEW.fiscal_year, NEW.issue_date, NEW.currency_code,
        NEW.total_with_tax, NEW.payload_object, NEW.original_object, NEW.computed, NEW.supersedes, NEW.created_at)
        IS DISTINCT FROM
       (OLD.id, OLD.tenant_id, OLD.mode, OLD.registration_id, OLD.strategy, OLD.seller_key, OLD.seller_country,
        OLD.doc_family, OLD.type_code, OLD.number, OLD.fiscal_year, OLD.issue_date, OLD.currency_code,
        OLD.total_with_tax, OLD.payload_object, OLD.original_object, OLD.computed, OLD.supersedes, OLD.created_at)
    THEN
        PERFORM frozen('an accepted invoice');
    END IF;
    IF OLD.superseded_by IS NOT NULL AND NEW.superseded_by IS DISTINCT FROM OLD.superseded_by THEN
        PERFORM frozen('the invoice that supersedes');
    END IF;
    IF NEW.superseded_by IS NOT NULL AND NEW.authority_status <> 'rejected' THEN
        PERFORM frozen('an invoice that was not rejected');
    END IF;
    IF NEW.stream_seq < OLD.stream_seq OR NEW.event_seq < OLD.event_seq THEN
        PERFORM frozen('the past of a stream');
    END IF;
    IF NEW.stream_seq = OLD.stream_seq AND NEW.stream_hash <> OLD.stream_hash THEN
        PERFORM frozen('the head of a stream');
    END IF;
    IF NEW.authority_status <> OLD.authority_status
        AND NOT NEW.authority_status = ANY (authority_next(OLD.authority_status)) THEN
        RAISE EXCEPTION 'an authority status cannot go from % to %', OLD.authority_status, NEW.authority_status
            USING ERRCODE = 'TS007';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoice_guard BEFORE UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION invoice_guard();

CREATE FUNCTION attempt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL THEN
        PERFORM frozen('a finished attempt');
    END IF;
    IF (NEW.submission_id, NEW.n, NEW.tenant_id, NEW.token, NEW.kind, NEW.started_at)
        IS DISTINCT FROM (OLD.submission_id, OLD.n, OLD.tenant_id, OLD.token, OLD.kind, OLD.started_at) THEN
        PERFORM frozen('the intent of an attempt');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attempt_guard BEFORE UPDATE ON attempt FOR EACH ROW EXECUTE FUNCTION attempt_guard();

CREATE FUNCTION chain_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id) IS DISTINCT FROM (OLD.id, OLD.tenant_id) OR NEW.next_no < OLD.next_no THEN
        PERFORM frozen('the past of a chain');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chain_guard BEFORE UPDATE ON authority_chain FOR EACH ROW EXECUTE FUNCTION chain_guard();

-- An erased body leaves digest, size and name; nothing else of an object ever changes.
CREATE FUNCTION object_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.digest, NEW.size, NEW.media_type, NEW.name, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.digest, OLD.size, OLD.media_type, OLD.name, OLD.created_at)
        OR OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL THEN
        PERFORM frozen('an object');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER object_guard BEFORE UPDATE ON object FOR EACH ROW EXECUTE FUNCTION object_guard();
