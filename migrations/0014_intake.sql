-- Steps are written many at once: what is said of them comes as rows of one type, whoever writes them.

-- What a client says of one step, as store/said.c prints it; absent says nothing. JSON keeps its text as it came.
CREATE TYPE step_said AS (
    id                 text,
    type               text,
    name               text,
    parent             text,
    start_content      json,        -- of a line that only starts it; else `content`
    start_length       integer,
    content            json,
    content_length     integer,
    misfits            text[],      -- types that cannot have this content
    sources            json,
    keys               text[],      -- what makes each source the same as another
    message_id         text,
    usage              json,
    model              text,        -- this and the counts: what it adds to its session once it has ended
    input_tokens       bigint,
    output_tokens      bigint,
    reasoning_tokens   bigint,
    cache_read_tokens  bigint,
    cache_write_tokens bigint,
    total_tokens       bigint,
    cost_usd           numeric,
    error              json,
    started            bigint,      -- microseconds since 1970, by the client's clock
    completed          bigint,
    ends               boolean,
    input              json,
    output             json,
    attributes         json,
    events             json,
    links              json,
    alone              boolean,     -- of a list that is put: after the others, by itself (store/put_list.h)
    i                  integer,     -- of a batch's lines (store/batch.h), as what follows
    start_line         integer,
    end_line           integer,
    whole              boolean,
    parent_is_here     boolean
);

-- They took what is said as JSON, and one step at a time.
DROP FUNCTION IF EXISTS step_differences(steps, json);
DROP FUNCTION IF EXISTS merge_step(agent_sessions, steps, json, put_answer);
DROP FUNCTION IF EXISTS write_put(agent_sessions, steps, put_answer);
DROP FUNCTION IF EXISTS takes_late_step(agent_sessions, steps);
DROP FUNCTION IF EXISTS ingest_session(text, json);
DROP FUNCTION IF EXISTS ingest_end(text, text);
DROP FUNCTION IF EXISTS ingest_settle(text, double precision);

-- What came of a trace: a row of functions/ingest.sql each, in the order in which it is to be told.
CREATE TYPE ingest_told AS (
    kind    text,           -- trace, started, updated, reopened, step, steps, grown, completed, failed or cancelled
    code    integer,        -- trace: what became of it
    refused integer,        -- trace: how many steps its session did not take
    seq     bigint,         -- step: the number of its event; steps: that of the last one
    session text,           -- steps: in which they are
    news    session_news,   -- of what has become of the session
    step    steps           -- step: as it is now
);
