-- Answers to what was asked with a key: asked again, it is not done again.
create table answered (
    account bigint not null,
    key text not null,
    address text not null,
    at timestamp with time zone not null,
    answer jsonb,
    constraint pk_answered primary key (account, key, address),
    constraint fk_answered_account foreign key (account) references account (id)
);
comment on column answered.key is 'the caller''s idempotency key';
comment on column answered.address is 'the method and path that it was given to';
comment on column answered.answer is 'null only within the transaction that makes it';
create index ix_answered_at on answered (at);
