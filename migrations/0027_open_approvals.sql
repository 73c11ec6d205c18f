-- A session's card asks for its open questions with every step that starts, whatever else has become of it meanwhile.
CREATE INDEX steps_asking ON steps (session_id, step_number) WHERE step_type = 'approval' AND end_seq IS NULL;
