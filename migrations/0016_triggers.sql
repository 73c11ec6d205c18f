-- A session shows the beginning of the message that started it to all who read the session. One that runs outside the private
-- channel of that message keeps it no longer; lib/store_session.c makes none.
UPDATE agent_sessions x SET trigger_message_id = NULL
FROM messages m JOIN streams s ON s.id = m.stream_id JOIN streams root ON root.id = s.root_id
WHERE m.id = x.trigger_message_id AND root.private
  AND root.id IS DISTINCT FROM (SELECT own.root_id FROM streams own WHERE own.id = x.stream_id);
