-- What a persona's agent found when it last asked its model's server: shown before a question fails. NULL: nobody said.
ALTER TABLE personas ADD COLUMN model_status text
    CHECK (model_status IN ('reachable', 'unreachable', 'unknown', 'refused'));
