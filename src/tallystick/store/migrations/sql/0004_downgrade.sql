-- Back to what stood before. Acts and their attempts are lost (the log keeps their story); what was cancelled
-- counts as rejected: it is not in force either way.

DROP TABLE registration_poll;
DROP FUNCTION registration_poll_guard();

-- the owner is bound by row security too, unless it is a superuser
ALTER TABLE invoice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE submission NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attempt NO FORCE ROW LEVEL SECURITY;
DELETE FROM attempt a WHERE EXISTS (SELECT FROM submission s WHERE s.id = a.submission_id AND s.kind <> 'issue');
DELETE FROM submission WHERE kind <> 'issue';
ALTER TABLE invoice DISABLE TRIGGER invoice_guard;
UPDATE invoice SET authority_status = 'rejected' WHERE authority_status = 'cancelled';
ALTER TABLE invoice ENABLE TRIGGER invoice_guard;
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
ALTER TABLE submission FORCE ROW LEVEL SECURITY;
ALTER TABLE attempt FORCE ROW LEVEL SECURITY;

DROP TRIGGER submission_act_guard ON submission;
DROP FUNCTION submission_act_guard();
DROP INDEX submission_act_alone;
ALTER TABLE submission
    DROP CONSTRAINT submission_kind,
    DROP CONSTRAINT submission_issued_once,
    DROP CONSTRAINT submission_act_whole,
    DROP CONSTRAINT submission_once;
ALTER TABLE submission
    DROP COLUMN turn,
    DROP COLUMN request_object,
    DROP COLUMN settled_at,
    ADD CONSTRAINT submission_kind CHECK (kind IN ('issue')),
    ADD CONSTRAINT submission_once UNIQUE (invoice_id, kind);
DROP INDEX invoice_reference;
ALTER TABLE invoice DROP CONSTRAINT invoice_authority;
ALTER TABLE invoice ADD CONSTRAINT invoice_authority CHECK (authority_status IN (
    'pending', 'not_required', 'cleared', 'reported', 'registered', 'accepted', 'rejected', 'conflict'));

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
        ELSE ARRAY[]::text[] END
$$;
CREATE OR REPLACE FUNCTION authority_next(status text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE status
        WHEN 'pending' THEN ARRAY['not_required', 'cleared', 'reported', 'registered', 'accepted',
                                  'rejected', 'conflict']
        WHEN 'conflict' THEN ARRAY['cleared', 'reported', 'registered', 'accepted', 'rejected', 'pending']
        ELSE ARRAY[]::text[] END
$$;
