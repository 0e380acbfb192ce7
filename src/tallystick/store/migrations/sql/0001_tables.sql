-- Tables of the spine. Every time is the database's own clock; money is numeric without a scale.

CREATE TABLE tenant (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT tenant_named CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE api_key (
    prefix text PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenant,
    hash bytea NOT NULL CONSTRAINT api_key_hash_size CHECK (length(hash) = 32),
    scopes text[] NOT NULL,
    name text NOT NULL,
    mode text NOT NULL CONSTRAINT api_key_mode CHECK (mode IN ('test', 'live')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_tenant ON api_key (tenant_id);

CREATE TABLE seller (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenant,
    name text NOT NULL,
    country_code text NOT NULL CONSTRAINT seller_country CHECK (country_code ~ '^[A-Z]{2}$'),
    tax_identifier text,
    legal_registration_identifier text,
    tax_region text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT seller_identified CHECK (tax_identifier IS NOT NULL OR legal_registration_identifier IS NOT NULL)
);
CREATE INDEX seller_by_tax ON seller (tenant_id, tax_identifier);
CREATE INDEX seller_by_legal ON seller (tenant_id, legal_registration_identifier);

CREATE TABLE registration (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenant,
    seller_id uuid NOT NULL REFERENCES seller,
    strategy text NOT NULL,
    environment text NOT NULL,
    unit text,
    tax_identifier text,
    endpoint text NOT NULL DEFAULT '',
    settings jsonb NOT NULL DEFAULT '{}',
    secrets_wrapped bytea,
    signer_wrapped bytea,
    state text NOT NULL DEFAULT 'active'
        CONSTRAINT registration_state CHECK (state IN ('active', 'paused', 'retired')),
    paused_reason text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX registration_once ON registration (seller_id, strategy, environment, unit)
    NULLS NOT DISTINCT WHERE state <> 'retired';
CREATE INDEX registration_tenant ON registration (tenant_id, id);

CREATE TABLE registration_session (
    registration_id uuid PRIMARY KEY REFERENCES registration,
    tenant_id uuid NOT NULL,
    wrapped bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row per key; the answer stands in it from the start, so a row that can be read is always whole.
CREATE TABLE idempotency_key (
    tenant_id uuid NOT NULL,
    mode text NOT NULL,
    path text NOT NULL,
    key text NOT NULL CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
    method text NOT NULL,
    fingerprint bytea NOT NULL,
    invoice_id uuid,
    status integer NOT NULL,
    headers jsonb NOT NULL DEFAULT '{}',
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, mode, path, key)
);
CREATE INDEX idempotency_key_expiry ON idempotency_key (expires_at);

-- Bodies outside the log. Erasing sets body and salt to NULL; digest and size stay, so proofs stay whole.
-- The id is the first half of the digest, so that what an entry names is found by key.
CREATE TABLE object (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    salt bytea CONSTRAINT object_salt_size CHECK (length(salt) = 16),
    digest bytea NOT NULL CONSTRAINT object_digest_size CHECK (length(digest) = 32),
    size bigint NOT NULL,
    media_type text NOT NULL,
    name text NOT NULL,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at timestamptz,
    CONSTRAINT object_erased_whole CHECK (
        (erased_at IS NULL AND body IS NOT NULL AND salt IS NOT NULL AND length(body) = size)
        OR (erased_at IS NOT NULL AND body IS NULL AND salt IS NULL))
);

-- payload_object and original_object are written in the same statement as the invoice and never deleted
-- (no role may); a foreign key would cost a lookup per accepted invoice and guard against nobody.
CREATE TABLE invoice (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    mode text NOT NULL CONSTRAINT invoice_mode CHECK (mode IN ('test', 'live')),
    registration_id uuid,
    strategy text NOT NULL,
    strategy_reason text NOT NULL,
    seller_key text NOT NULL,
    seller_country text NOT NULL,
    doc_family text NOT NULL,
    type_code text NOT NULL,
    number text NOT NULL,
    fiscal_year integer NOT NULL,
    issue_date date NOT NULL,
    currency_code text NOT NULL,
    total_with_tax numeric NOT NULL,
    payload_object uuid NOT NULL,
    original_object uuid,
    computed text[] NOT NULL DEFAULT '{}',
    warnings text NOT NULL DEFAULT '[]',
    processing_status text NOT NULL DEFAULT 'accepted' CONSTRAINT invoice_processing CHECK (processing_status IN (
        'accepted', 'submitting', 'scheduled', 'outcome_unknown', 'held', 'completed', 'failed', 'dead_lettered')),
    authority_status text NOT NULL DEFAULT 'pending' CONSTRAINT invoice_authority CHECK (authority_status IN (
        'pending', 'not_required', 'cleared', 'reported', 'registered', 'accepted', 'rejected', 'conflict')),
    authority_reference text,
    supersedes uuid REFERENCES invoice,
    superseded_by uuid,
    stream_seq integer NOT NULL,
    stream_hash bytea NOT NULL CONSTRAINT invoice_hash_size CHECK (length(stream_hash) = 32),
    event_seq integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX invoice_number_once
    ON invoice (tenant_id, mode, seller_key, doc_family, number, fiscal_year) WHERE superseded_by IS NULL;
CREATE INDEX invoice_list ON invoice (tenant_id, mode, id);

CREATE TABLE authority_chain (
    id text PRIMARY KEY,
    tenant_id uuid NOT NULL,
    next_no bigint NOT NULL DEFAULT 1 CONSTRAINT authority_chain_from_one CHECK (next_no >= 1),
    last_link text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1
);

CREATE TABLE submission (
    id uuid PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES invoice,
    tenant_id uuid NOT NULL,
    kind text NOT NULL DEFAULT 'issue' CONSTRAINT submission_kind CHECK (kind IN ('issue')),
    strategy text NOT NULL,
    authority text NOT NULL,
    registration_id uuid,
    chain_id text,
    chain_no bigint,
    prev_link text,
    wire_object uuid,
    wire_sha256 bytea CONSTRAINT submission_wire_size CHECK (length(wire_sha256) = 32),
    wire_media_type text,
    marks jsonb NOT NULL DEFAULT '{}',
    link text NOT NULL DEFAULT '',
    external_ref text NOT NULL,
    state text NOT NULL DEFAULT 'queued' CONSTRAINT submission_state CHECK (state IN (
        'queued', 'in_flight', 'retry_wait', 'unknown', 'pending', 'parked', 'done', 'rejected', 'conflict', 'dead')),
    verdict text,
    attempts integer NOT NULL DEFAULT 0 CONSTRAINT submission_six_attempts CHECK (attempts BETWEEN 0 AND 6),
    round integer NOT NULL DEFAULT 1,
    next_at timestamptz DEFAULT clock_timestamp(),
    lease_until timestamptz,
    token bigint NOT NULL DEFAULT 0,
    owner text,
    deadline_at timestamptz,
    parked_reason text,
    dead_reason text,
    poll_count integer NOT NULL DEFAULT 0,
    crashes integer NOT NULL DEFAULT 0,
    first_sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT submission_once UNIQUE (invoice_id, kind),
    CONSTRAINT submission_wire_whole CHECK (num_nonnulls(wire_object, wire_sha256, wire_media_type) IN (0, 3)),
    CONSTRAINT submission_chain_whole CHECK (
        num_nonnulls(chain_no, prev_link) IN (0, 2) AND (chain_no IS NULL OR chain_id IS NOT NULL)),
    CONSTRAINT submission_sent_is_frozen CHECK (first_sent_at IS NULL OR wire_sha256 IS NOT NULL),
    -- nothing is ever forgotten: whatever is not over says when or why it goes on
    CONSTRAINT submission_goes_on CHECK (CASE state
        WHEN 'in_flight' THEN lease_until IS NOT NULL
        WHEN 'parked' THEN parked_reason IS NOT NULL
        WHEN 'dead' THEN dead_reason IS NOT NULL
        WHEN 'done' THEN verdict IS NOT NULL
        WHEN 'rejected' THEN verdict IS NOT NULL
        WHEN 'conflict' THEN verdict IS NOT NULL
        ELSE next_at IS NOT NULL END)
);
CREATE UNIQUE INDEX submission_chain_place ON submission (chain_id, chain_no) WHERE chain_no IS NOT NULL;
CREATE INDEX submission_due ON submission (next_at)
    WHERE state IN ('queued', 'retry_wait', 'unknown', 'pending', 'parked');
CREATE INDEX submission_waiting ON submission (tenant_id, next_at)
    WHERE state IN ('queued', 'retry_wait', 'unknown', 'pending', 'parked');
CREATE INDEX submission_leased ON submission (lease_until) WHERE state = 'in_flight';
CREATE INDEX submission_parked ON submission (authority, created_at) WHERE state = 'parked';

CREATE TABLE attempt (
    submission_id uuid NOT NULL REFERENCES submission,
    n integer NOT NULL CONSTRAINT attempt_from_one CHECK (n >= 1),
    tenant_id uuid NOT NULL,
    token bigint NOT NULL,
    kind text NOT NULL CONSTRAINT attempt_kind CHECK (kind IN ('submit', 'inquire', 'login')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    deadline timestamptz,
    method text,
    endpoint text,
    request_object uuid,
    http_status integer,
    outcome text,
    response_object uuid,
    duration_ms integer,
    error text,
    finished_at timestamptz,
    PRIMARY KEY (submission_id, n),
    CONSTRAINT attempt_finished_whole CHECK ((outcome IS NULL) = (finished_at IS NULL))
);

CREATE TABLE compliance_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL,
    stream_kind text NOT NULL CONSTRAINT compliance_log_kind CHECK (stream_kind IN (
        'invoice', 'registration', 'key', 'system', 'tenant')),
    stream_id uuid NOT NULL,
    stream_seq integer NOT NULL CONSTRAINT compliance_log_from_one CHECK (stream_seq >= 1),
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL CONSTRAINT compliance_log_hash_size CHECK (length(hash) = 32 AND length(prev_hash) = 32),
    entry bytea NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT compliance_log_place UNIQUE (stream_kind, stream_id, stream_seq)
);
CREATE INDEX compliance_log_tenant ON compliance_log (tenant_id, id);

CREATE TABLE log_pending (entry_id bigint PRIMARY KEY);

CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenant,
    mode text CONSTRAINT webhook_endpoint_mode CHECK (mode IN ('test', 'live')),
    url text NOT NULL,
    description text NOT NULL DEFAULT '',
    events text[] NOT NULL DEFAULT '{*}',
    secrets_wrapped bytea NOT NULL,
    state text NOT NULL DEFAULT 'active'
        CONSTRAINT webhook_endpoint_state CHECK (state IN ('active', 'disabled', 'deleted')),
    first_failure_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX webhook_endpoint_tenant ON webhook_endpoint (tenant_id);

CREATE TABLE webhook_event (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    seq integer NOT NULL CONSTRAINT webhook_event_from_one CHECK (seq >= 1),
    type text NOT NULL,
    body bytea NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT webhook_event_place UNIQUE (invoice_id, seq)
);
CREATE INDEX webhook_event_list ON webhook_event (tenant_id, at, id);

-- seq counts the deliveries of one invoice to one endpoint from 1, so that an endpoint which asked for a
-- few event types, or was made later, still has an order without gaps.
CREATE TABLE webhook_delivery (
    event_id uuid NOT NULL REFERENCES webhook_event,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint,
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    seq integer NOT NULL,
    state text NOT NULL DEFAULT 'queued' CONSTRAINT webhook_delivery_state CHECK (state IN (
        'queued', 'in_flight', 'delivered', 'held', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz DEFAULT clock_timestamp(),
    lease_until timestamptz,
    token bigint NOT NULL DEFAULT 0,
    last_status integer,
    last_error text,
    delivered_at timestamptz,
    PRIMARY KEY (event_id, endpoint_id),
    CONSTRAINT webhook_delivery_place UNIQUE (endpoint_id, invoice_id, seq),
    CONSTRAINT webhook_delivery_goes_on CHECK (CASE state
        WHEN 'queued' THEN next_at IS NOT NULL
        WHEN 'in_flight' THEN lease_until IS NOT NULL
        WHEN 'delivered' THEN delivered_at IS NOT NULL
        ELSE true END)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_at) WHERE state = 'queued';
CREATE INDEX webhook_delivery_leased ON webhook_delivery (lease_until) WHERE state = 'in_flight';

CREATE TABLE webhook_cursor (
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint,
    invoice_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    delivered_seq integer NOT NULL DEFAULT 0,
    PRIMARY KEY (endpoint_id, invoice_id)
);

CREATE TABLE breaker (
    authority text PRIMARY KEY,
    state text NOT NULL DEFAULT 'closed' CONSTRAINT breaker_state CHECK (state IN ('closed', 'open', 'half_open')),
    failures integer NOT NULL DEFAULT 0,
    successes integer NOT NULL DEFAULT 0,
    opened_at timestamptz,
    probe_at timestamptz,
    window_started_at timestamptz,
    window_calls integer NOT NULL DEFAULT 0,
    window_failures integer NOT NULL DEFAULT 0,
    opened_times integer NOT NULL DEFAULT 0
);
