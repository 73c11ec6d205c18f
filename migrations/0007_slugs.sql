-- What names turn into.

-- What one types after "@", made from a name: letters without their accents, digits, and hyphens between words.
CREATE FUNCTION slug_of(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(left(trim(BOTH '-' FROM regexp_replace(
        regexp_replace(normalize(lower(replace(name, 'ß', 'ss')), NFD), '[\u0300-\u036f]', '', 'g'), '[^a-z0-9]+', '-', 'g')), 40), ''), 'someone')
$$;

-- The first of wanted, wanted-2, wanted-3 … that nobody in the workspace has; `exact`: wanted or NULL. It holds the workspace's row
-- until the transaction ends, so two who ask at once get two answers.
CREATE FUNCTION free_slug(workspace text, wanted text, exact boolean DEFAULT false) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    base text := slug_of(wanted);
    found text := base;
    n integer := 1;
BEGIN
    PERFORM FROM workspaces WHERE id = workspace FOR NO KEY UPDATE;
    WHILE EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = workspace AND m.slug = found)
          OR EXISTS (SELECT FROM personas p WHERE p.workspace_id = workspace AND p.slug = found) LOOP
        IF exact THEN
            RETURN NULL;
        END IF;
        n := n + 1;
        found := base || '-' || n;
    END LOOP;
    RETURN found;
END $$;

-- An avatar until somebody chooses one: the first letters of the first two words.
CREATE FUNCTION initials(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT upper(left(split_part(trim(name), ' ', 1), 1) || left(split_part(trim(name), ' ', 2), 1))
$$;
