-- The record of calendars: who set which for a plan period, when and why.
create table cycle_change (
    number bigint not null,
    account bigint,
    at text not null,
    payload text not null,
    previous text not null,
    digest text not null,
    constraint pk_cycle_change primary key (number),
    constraint fk_cycle_change_account foreign key (account) references account (id)
);
comment on column cycle_change.account is 'null: nobody, the database began or was upgraded';
comment on column cycle_change.payload is 'canonical JSON, as it was hashed';

create trigger kept before update or delete on cycle_change for each row execute function esep_keep();
create trigger kept_whole before truncate on cycle_change execute function esep_keep();
