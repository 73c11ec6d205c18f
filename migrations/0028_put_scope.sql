-- The scope `ingest` puts nothing by REST any more, so the function that chose between the scopes has no caller.

DROP FUNCTION IF EXISTS put_scope(text);
