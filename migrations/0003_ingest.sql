-- Sessions that foreign agents send: what the door has to remember of one between two of their requests.

ALTER TABLE agent_sessions
    ADD COLUMN at_door        boolean NOT NULL DEFAULT false, -- it came in there, and is written there alone
    ADD COLUMN title_rank     smallint NOT NULL DEFAULT 0,  -- how much its title says (ingest/step.h); a higher one replaces a lower one
    ADD COLUMN root_step_id   text,                         -- the step of the trace's root, once it is known
    ADD COLUMN root_outcome   text CHECK (root_outcome IN ('completed', 'failed', 'cancelled')),
    ADD COLUMN system_prompt  text,                         -- told once a session, by the first call of a model
    ADD COLUMN tools          text;                         -- printed JSON: the schemas that were offered with it
