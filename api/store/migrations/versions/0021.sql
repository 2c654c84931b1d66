-- What comparisons of scenarios have come to, for whichever process is asked.
create table comparison (
    digest text not null,
    account bigint not null,
    question jsonb not null,
    answer bytea,
    size integer,
    begun_at timestamp with time zone not null,
    constraint pk_comparison primary key (digest, account),
    constraint fk_comparison_account foreign key (account) references account (id)
);
comment on column comparison.digest is 'of all that the answer follows from';
comment on column comparison.answer is 'JSON, zstd; null until it has been made';
comment on column comparison.size is 'bytes of that JSON';
