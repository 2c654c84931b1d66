-- Which texts were published, by whom and why: lines that are chained and never changed.
create table publication (
    number bigint not null,
    account bigint,
    at text not null,
    payload text not null,
    previous text not null,
    digest text not null,
    constraint pk_publication primary key (number),
    constraint fk_publication_account foreign key (account) references account (id)
);
comment on column publication.account is 'null: nobody, the database began or was upgraded';
comment on column publication.payload is 'canonical JSON, as it was hashed';
create trigger kept before update or delete on publication for each row execute function esep_keep();
create trigger kept_whole before truncate on publication execute function esep_keep();
