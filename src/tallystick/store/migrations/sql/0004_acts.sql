-- What may be asked about a document in force (acts), and what an authority says of it later (notices).

ALTER TABLE invoice DROP CONSTRAINT invoice_authority;
ALTER TABLE invoice ADD CONSTRAINT invoice_authority CHECK (authority_status IN (
    'pending', 'not_required', 'cleared', 'reported', 'registered', 'accepted', 'rejected', 'conflict', 'cancelled'));
-- By this number an authority names a document in what it says later.
CREATE INDEX invoice_reference ON invoice (registration_id, authority_reference)
    WHERE registration_id IS NOT NULL AND authority_reference IS NOT NULL;

-- An act is a submission of its own: `kind` is its name, `turn` counts how often the same was asked.
ALTER TABLE submission
    ADD COLUMN turn integer NOT NULL DEFAULT 1,
    ADD COLUMN request_object uuid,
    ADD COLUMN settled_at timestamptz,
    DROP CONSTRAINT submission_kind,
    DROP CONSTRAINT submission_once;
ALTER TABLE submission
    ADD CONSTRAINT submission_kind CHECK (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    ADD CONSTRAINT submission_issued_once CHECK (turn = 1 OR (turn > 1 AND kind <> 'issue')),
    ADD CONSTRAINT submission_act_whole CHECK ((kind <> 'issue') = (request_object IS NOT NULL)),
    ADD CONSTRAINT submission_once UNIQUE (invoice_id, kind, turn);
-- What was over before is over since it was last changed. (The owner is bound by row security too.)
ALTER TABLE submission NO FORCE ROW LEVEL SECURITY;
ALTER TABLE submission DISABLE TRIGGER submission_guard;
UPDATE submission SET settled_at = updated_at WHERE state IN ('done', 'rejected');
ALTER TABLE submission ENABLE TRIGGER submission_guard;
ALTER TABLE submission FORCE ROW LEVEL SECURITY;
-- One act of an invoice may be under way at a time; one that needs a person still is.
CREATE UNIQUE INDEX submission_act_alone ON submission (invoice_id)
    WHERE kind <> 'issue' AND state NOT IN ('done', 'rejected');

CREATE OR REPLACE FUNCTION authority_next(status text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN status = 'pending' THEN ARRAY['not_required', 'cleared', 'reported', 'registered', 'accepted',
                                           'rejected', 'conflict']
        WHEN status = 'conflict' THEN ARRAY['cleared', 'reported', 'registered', 'accepted', 'rejected', 'pending']
        WHEN status IN ('cleared', 'reported', 'registered', 'accepted')
            THEN ARRAY['rejected', 'conflict', 'cancelled']
        ELSE ARRAY[]::text[] END
$$;

-- A document that was settled may yet be refused: its authority changed its mind.
CREATE OR REPLACE FUNCTION submission_next(state text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
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
        WHEN 'done' THEN ARRAY['rejected', 'conflict']
        ELSE ARRAY[]::text[] END
$$;

-- What concerns acts and outcomes alone: a trigger of its own beside submission_guard.
CREATE FUNCTION submission_act_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.turn, NEW.request_object) IS DISTINCT FROM (OLD.turn, OLD.request_object) THEN
        PERFORM frozen('what was asked');
    END IF;
    IF OLD.outcome_marks <> '{}' AND NEW.outcome_marks IS DISTINCT FROM OLD.outcome_marks THEN
        PERFORM frozen('the marks of an outcome');
    END IF;
    IF NEW.state = OLD.state THEN
        IF NEW.settled_at IS DISTINCT FROM OLD.settled_at THEN
            PERFORM frozen('the time of an outcome');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'done' AND NEW.kind <> 'issue' THEN
        PERFORM frozen('an act that was done');
    END IF;
    NEW.settled_at := CASE WHEN NEW.state IN ('done', 'rejected') THEN clock_timestamp() END;
    RETURN NEW;
END $$;
CREATE TRIGGER submission_act_guard BEFORE UPDATE ON submission
    FOR EACH ROW EXECUTE FUNCTION submission_act_guard();

-- How far each registration's authority was asked what it changed its mind about. `since`: all it said before
-- is known here. One worker at a time asks (lease and token, as for submissions).
CREATE TABLE registration_poll (
    registration_id uuid PRIMARY KEY REFERENCES registration,
    tenant_id uuid NOT NULL,
    since timestamptz NOT NULL,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until timestamptz,
    token bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0
);
GRANT SELECT ON registration_poll TO tallystick_app;
GRANT SELECT, INSERT, UPDATE ON registration_poll TO tallystick_worker;
ALTER TABLE registration_poll ENABLE ROW LEVEL SECURITY;
ALTER TABLE registration_poll FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON registration_poll TO tallystick_app USING (tenant_id = current_tenant());
CREATE POLICY every_tenant ON registration_poll TO tallystick_worker USING (true);

CREATE FUNCTION registration_poll_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.registration_id, NEW.tenant_id) IS DISTINCT FROM (OLD.registration_id, OLD.tenant_id)
        OR NEW.since < OLD.since OR NEW.token < OLD.token THEN
        PERFORM frozen('what was already asked');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registration_poll_guard BEFORE UPDATE ON registration_poll
    FOR EACH ROW EXECUTE FUNCTION registration_poll_guard();
