-- Back to what stood before; what was told of deadlines stands in the log.

DROP FUNCTION standing_of(uuid, text, uuid);
DROP FUNCTION store_document(uuid, uuid, uuid, bigint, bytea, text, text, text, bigint, text, uuid[], bytea[],
    bytea[], text[], text[], bytea[], text, uuid, text, text);
DROP FUNCTION begin_document(uuid, uuid, uuid, uuid, integer, text, text);
DROP FUNCTION advance_chain(text, bigint, text);
DROP FUNCTION lock_chain(text, uuid);
DROP TRIGGER submission_alarm ON submission;
DROP FUNCTION set_alarm();
DROP FUNCTION part_of_time(timestamptz, timestamptz, integer);
DROP INDEX submission_alarm;
DROP INDEX submission_deadline;
ALTER TABLE submission DROP COLUMN deadline_told, DROP COLUMN alarm_at, DROP COLUMN outcome_marks;
CREATE OR REPLACE FUNCTION chain_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id) IS DISTINCT FROM (OLD.id, OLD.tenant_id) OR NEW.next_no < OLD.next_no THEN
        PERFORM frozen('the past of a chain');
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE authority_chain DROP COLUMN first_no, DROP COLUMN first_link;
