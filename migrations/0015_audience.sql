-- Personas read what they are members of, as people do: what one of a private stream's personas may not read, not all of its
-- readers may.

-- As in 0004_access.sql, of members of either kind.
CREATE OR REPLACE FUNCTION readers_may_read(audience text, stream text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM streams a JOIN streams a_root ON a_root.id = a.root_id,
                    streams s JOIN streams s_root ON s_root.id = s.root_id
        WHERE a.id = audience AND s.id = stream AND a.workspace_id = s.workspace_id
          AND (a_root.id = s_root.id
               OR NOT s_root.private
               OR a_root.private AND NOT EXISTS (
                      SELECT FROM stream_members m WHERE m.stream_id = a_root.id
                      AND NOT EXISTS (SELECT FROM stream_members n WHERE n.stream_id = s_root.id AND n.member_id = m.member_id))));
END $$;
