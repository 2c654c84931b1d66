-- The tables of the service. `api/store/schema.py` says the same to SQLAlchemy; a test compares the two.

CREATE TABLE account (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    language TEXT DEFAULT 'ru' NOT NULL,
    active BOOLEAN DEFAULT 'true' NOT NULL,
    failures INTEGER DEFAULT '0' NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    layout JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (id),
    CONSTRAINT uq_account_login UNIQUE (login)
);

comment on column account.password is 'argon2id';
comment on column account.layout is 'what the page remembers of the user';

CREATE TABLE blob (
    digest TEXT NOT NULL,
    data BYTEA NOT NULL,
    CONSTRAINT pk_blob PRIMARY KEY (digest)
);

comment on column blob.digest is 'SHA-256';

CREATE TABLE checkpoint (
    number BIGINT NOT NULL,
    position BIGINT NOT NULL,
    heads TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_checkpoint PRIMARY KEY (number)
);

comment on column checkpoint.heads is 'SHA-256 over all lines since the checkpoint before';

CREATE TABLE cycle (
    name TEXT NOT NULL,
    calendar JSONB NOT NULL,
    CONSTRAINT pk_cycle PRIMARY KEY (name)
);

comment on column cycle.name is '2026-2028';
comment on column cycle.calendar is 'milestone and its date';

CREATE TABLE organisation (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent BIGINT,
    titles JSONB NOT NULL,
    starts DATE NOT NULL,
    ends DATE,
    successor BIGINT,
    CONSTRAINT pk_organisation PRIMARY KEY (id),
    CONSTRAINT uq_organisation_kind_code_starts UNIQUE (kind, code, starts),
    CONSTRAINT fk_organisation_parent FOREIGN KEY(parent) REFERENCES organisation (id),
    CONSTRAINT fk_organisation_successor FOREIGN KEY(successor) REFERENCES organisation (id)
);

CREATE INDEX ix_organisation_parent ON organisation (parent);

comment on column organisation.kind is 'centre, administrator or institution';
comment on column organisation.titles is 'kk, ru, en';
comment on column organisation.successor is 'whom a reorganisation made heir';

CREATE TABLE text_version (
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    files BYTEA NOT NULL,
    size INTEGER NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_text_version PRIMARY KEY (digest)
);

comment on column text_version.kind is 'ruleset or norms';
comment on column text_version.files is 'JSON of path and text, zstd';
comment on column text_version.size is 'bytes of that JSON';

CREATE TABLE membership (
    account BIGINT NOT NULL,
    organisation BIGINT NOT NULL,
    role TEXT NOT NULL,
    CONSTRAINT pk_membership PRIMARY KEY (account, organisation, role),
    CONSTRAINT fk_membership_account FOREIGN KEY(account) REFERENCES account (id),
    CONSTRAINT fk_membership_organisation FOREIGN KEY(organisation) REFERENCES organisation (id)
);

CREATE TABLE session (
    token TEXT NOT NULL,
    account BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_session PRIMARY KEY (token),
    CONSTRAINT fk_session_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_session_account ON session (account);

comment on column session.token is 'SHA-256 of the cookie';

CREATE TABLE submission (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    cycle TEXT NOT NULL,
    ruleset TEXT NOT NULL,
    norms TEXT NOT NULL,
    organisation BIGINT NOT NULL,
    state TEXT NOT NULL,
    official_use BOOLEAN DEFAULT 'false' NOT NULL,
    revision BIGINT NOT NULL,
    head TEXT NOT NULL,
    CONSTRAINT pk_submission PRIMARY KEY (id),
    CONSTRAINT fk_submission_cycle FOREIGN KEY(cycle) REFERENCES cycle (name),
    CONSTRAINT fk_submission_ruleset FOREIGN KEY(ruleset) REFERENCES text_version (digest),
    CONSTRAINT fk_submission_norms FOREIGN KEY(norms) REFERENCES text_version (digest),
    CONSTRAINT fk_submission_organisation FOREIGN KEY(organisation) REFERENCES organisation (id)
);

CREATE INDEX ix_submission_organisation ON submission (organisation);

comment on column submission.head is 'digest of its last journal line';

CREATE TABLE attachment (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    submission BIGINT NOT NULL,
    place JSONB NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest TEXT NOT NULL,
    account BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_attachment PRIMARY KEY (id),
    CONSTRAINT fk_attachment_submission FOREIGN KEY(submission) REFERENCES submission (id),
    CONSTRAINT fk_attachment_digest FOREIGN KEY(digest) REFERENCES blob (digest),
    CONSTRAINT fk_attachment_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_attachment_submission ON attachment (submission);

comment on column attachment.place is 'form, row, specific; or nothing: of all';
comment on column attachment.media_type is 'found by content, never by name';

CREATE TABLE journal (
    position BIGINT NOT NULL,
    submission BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    account BIGINT NOT NULL,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    payload TEXT NOT NULL,
    moved JSONB NOT NULL,
    key TEXT,
    CONSTRAINT pk_journal PRIMARY KEY (position),
    CONSTRAINT uq_journal_submission_revision UNIQUE (submission, revision),
    CONSTRAINT uq_journal_account_key UNIQUE (account, key),
    CONSTRAINT fk_journal_submission FOREIGN KEY(submission) REFERENCES submission (id),
    CONSTRAINT fk_journal_account FOREIGN KEY(account) REFERENCES account (id)
);

comment on column journal.at is 'ISO 8601, UTC';
comment on column journal.payload is 'canonical JSON, as it was hashed';
comment on column journal.moved is 'how budget lines moved: no source of anything, not hashed';
comment on column journal.key is 'the caller''s idempotency key';

CREATE TABLE line (
    submission BIGINT NOT NULL,
    institution TEXT NOT NULL,
    administrator TEXT NOT NULL,
    programme TEXT NOT NULL,
    subprogramme TEXT NOT NULL,
    specific TEXT NOT NULL,
    kind TEXT NOT NULL,
    year TEXT NOT NULL,
    stage TEXT NOT NULL,
    budget TEXT NOT NULL,
    side TEXT NOT NULL,
    amount NUMERIC(30, 0) NOT NULL,
    CONSTRAINT pk_line PRIMARY KEY (submission, programme, subprogramme, specific, kind, year, stage, budget, side),
    CONSTRAINT fk_line_submission FOREIGN KEY(submission) REFERENCES submission (id)
);

comment on column line.amount is 'tiyn';

CREATE TABLE remark (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    submission BIGINT NOT NULL,
    place JSONB NOT NULL,
    account BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body TEXT NOT NULL,
    blocking BOOLEAN NOT NULL,
    answers BIGINT,
    closed_by BIGINT,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_remark PRIMARY KEY (id),
    CONSTRAINT fk_remark_submission FOREIGN KEY(submission) REFERENCES submission (id),
    CONSTRAINT fk_remark_account FOREIGN KEY(account) REFERENCES account (id),
    CONSTRAINT fk_remark_answers FOREIGN KEY(answers) REFERENCES remark (id),
    CONSTRAINT fk_remark_closed_by FOREIGN KEY(closed_by) REFERENCES account (id)
);

CREATE INDEX ix_remark_submission ON remark (submission);

comment on column remark.place is 'form, row, column, year; or nothing: of all';

CREATE TABLE snapshot (
    submission BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    head TEXT NOT NULL,
    inputs BYTEA NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    rows JSONB NOT NULL,
    CONSTRAINT pk_snapshot PRIMARY KEY (submission, revision),
    CONSTRAINT fk_snapshot_submission FOREIGN KEY(submission) REFERENCES submission (id)
);

comment on column snapshot.revision is 'the first is kept for ever, beside it the last';
comment on column snapshot.head is 'digest of the journal line of that revision';
comment on column snapshot.inputs is 'engine.packing, zstd';
comment on column snapshot.size is 'bytes before zstd';
comment on column snapshot.digest is 'SHA-256 of the bytes before zstd';
comment on column snapshot.rows is 'form: the next free number, then the numbers in order';

CREATE TABLE outbox (
    position BIGINT NOT NULL,
    submission BIGINT NOT NULL,
    body BYTEA NOT NULL,
    size INTEGER NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (position),
    CONSTRAINT fk_outbox_position FOREIGN KEY(position) REFERENCES journal (position)
);

comment on column outbox.body is 'the delta that others are told, JSON, zstd';

-- What is written in the journal stays: no role may change or remove a line of it.
create function esep_keep() returns trigger language plpgsql as $$
begin
    raise exception using message = 'a line of ' || tg_table_name || ' is never changed or removed';
end $$;

create function esep_tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('esep_journal', max(position)::text) from added;
    return null;
end $$;

-- Whoever listens is told how far the journal goes, once for each statement that adds to it.
create trigger told after insert on journal referencing new table as added
for each statement execute function esep_tell();

create trigger kept before update or delete on journal for each row execute function esep_keep();
create trigger kept_whole before truncate on journal execute function esep_keep();
create trigger kept before update or delete on checkpoint for each row execute function esep_keep();
create trigger kept_whole before truncate on checkpoint execute function esep_keep();
create trigger kept before update or delete on text_version for each row execute function esep_keep();
create trigger kept_whole before truncate on text_version execute function esep_keep();
