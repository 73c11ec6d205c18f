-- When a session ended by the server's clock, whichever statement ends it, for the pushers: store/pusher.c tells again what only a lost hint
-- had told. A session that runs again has not ended.

CREATE OR REPLACE FUNCTION note_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.ended_at := CASE WHEN NEW.status IN ('completed', 'failed', 'cancelled') THEN clock_timestamp() END;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER agent_sessions_ended BEFORE UPDATE OF status ON agent_sessions FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status AND (NEW.status IN ('completed', 'failed', 'cancelled') OR OLD.ended_at IS NOT NULL))
    EXECUTE FUNCTION note_session_ended();
