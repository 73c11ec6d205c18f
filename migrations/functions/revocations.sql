-- Revocations are announced by the transaction that makes them.

CREATE OR REPLACE FUNCTION notify_revocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('trace_revocations', NEW.principal);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER revocations_notify AFTER INSERT ON revocations FOR EACH ROW EXECUTE FUNCTION notify_revocation();
