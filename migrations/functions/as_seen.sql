-- Whether something is as whoever changes it has seen it. `seen`: NULL, the change does not depend on it; JSON's null, there was none;
-- else the object that there was, in which an absent member and null are the same.
CREATE OR REPLACE FUNCTION is_as_seen(seen jsonb, now jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN seen IS NULL OR coalesce(jsonb_strip_nulls(now), 'null') = jsonb_strip_nulls(seen);
END $$;
