-- What tools, errors and calls of models came to in the months of UTC that are over, so that a year is read from few rows. A month is summed
-- from its days.
CREATE TABLE statistics_part_months (LIKE statistics_part_hours INCLUDING ALL);
CREATE TABLE statistics_stale_months (
    workspace_id text NOT NULL,
    month        timestamptz NOT NULL,
    persona_id   text NOT NULL,
    PRIMARY KEY (workspace_id, month, persona_id)
);
INSERT INTO statistics_stale_months
SELECT DISTINCT workspace_id, date_trunc('month', hour, 'UTC'), persona_id FROM statistics_part_days;
