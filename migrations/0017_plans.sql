-- Nothing is known about which sessions have how many steps: what is known when a plan is made is wrong when a new session has grown.
-- One that the statistics had not seen was taken for one step, so that any index of its session was as good as the key, and each
-- look at a step read all the session's steps: seconds for thousands of them. Without statistics a session is one 200th of the table.
-- The type is what it was: setting it again forgets what has been gathered.
ALTER TABLE steps ALTER COLUMN session_id TYPE text, ALTER COLUMN session_id SET STATISTICS 0;
