-- Reorganisations: who became whose heir, and a journal of that.
create table organisation_change (
    number bigint not null,
    account bigint not null,
    at text not null,
    payload text not null,
    previous text not null,
    digest text not null,
    key text,
    constraint pk_organisation_change primary key (number),
    constraint uq_organisation_change_account_key unique (account, key),
    constraint fk_organisation_change_account foreign key (account) references account (id)
);
comment on column organisation_change.payload is 'canonical JSON, as it was hashed';
comment on column organisation_change.key is 'the caller''s idempotency key';

create trigger kept before update or delete on organisation_change for each row execute function esep_keep();
create trigger kept_whole before truncate on organisation_change execute function esep_keep();

create table succession (
    predecessor bigint not null,
    successor bigint not null,
    change bigint not null,
    constraint pk_succession primary key (predecessor, successor),
    constraint fk_succession_predecessor foreign key (predecessor) references organisation (id),
    constraint fk_succession_successor foreign key (successor) references organisation (id),
    constraint fk_succession_change foreign key (change) references organisation_change (number)
);
comment on column organisation.successor is 'the heir';
