-- An account's failures from everywhere are counted, too.
CREATE INDEX login_failures_account ON login_failures (account, at);
