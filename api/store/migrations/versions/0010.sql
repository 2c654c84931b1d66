-- Budget lines say how many rows are left out of them because of errors; a submission says what it began from.
alter table line add column incomplete bigint not null default 0;
comment on column line.incomplete is 'rows that are left out because of errors';
alter table line drop constraint pk_line;
alter table line add constraint pk_line primary key (
    submission, institution, administrator, programme, subprogramme, specific, kind, year, stage, budget, side
);

alter table submission add column origin bigint;
alter table submission add constraint fk_submission_origin foreign key (origin) references submission (id);
comment on column submission.origin is 'the last cycle''s submission that it was rolled forward from';

-- What was executed, approved and specified before: lines of other stages and years, from reports and laws.
create table past_line (
    institution text not null,
    administrator text not null,
    programme text not null,
    subprogramme text not null,
    specific text not null,
    kind text not null,
    year text not null,
    stage text not null,
    budget text not null,
    side text not null,
    amount numeric(30, 0) not null,
    source text not null,
    constraint pk_past_line primary key (
        institution, administrator, programme, subprogramme, specific, kind, year, stage, budget, side
    )
);
comment on column past_line.amount is 'tiyn';
comment on column past_line.source is 'the report or law, or that it was invented';

create table scenario (
    id bigint generated always as identity,
    link text not null,
    account bigint not null,
    shared text not null,
    title text not null,
    body text not null,
    cycle text not null,
    position bigint not null,
    revision bigint not null,
    changed_at timestamp with time zone not null,
    constraint pk_scenario primary key (id),
    constraint uq_scenario_link unique (link),
    constraint fk_scenario_account foreign key (account) references account (id),
    constraint fk_scenario_cycle foreign key (cycle) references cycle (name)
);
create index ix_scenario_account on scenario (account);
comment on column scenario.link is 'unguessable: whoever is given it may look, if it is shared';
comment on column scenario.shared is 'nobody, or link';
comment on column scenario.body is 'its overrides, YAML';
comment on column scenario.position is 'of the journal: the base that it is put over';
