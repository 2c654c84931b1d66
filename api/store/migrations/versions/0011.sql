-- Writes one action of a submission down, all of it or nothing, in one statement: its budget lines, its new head, its line
-- of the journal, and what is told to others who look. `told` is that line but for its position, which the answer is;
-- it is null where the submission is no longer as the action found it, and then nothing is written.
create function esep_write(told journal, delta bytea, size integer) returns bigint language plpgsql as $$
begin
    update submission set revision = told.revision, head = told.digest
    where id = told.submission and revision = told.revision - 1 and head = told.previous;
    if not found then
        return null;
    end if;

    insert into line (submission, institution, administrator, programme, subprogramme, specific, kind, year, stage,
        budget, side, amount, incomplete)
    select told.submission, key ->> 0, key ->> 1, key ->> 2, key ->> 3, key ->> 4, key ->> 5, key ->> 6, key ->> 7,
        key ->> 8, key ->> 9, amount, left_out
    from (
        select one -> 0 as key, (one ->> 1)::numeric as amount, (one ->> 2)::bigint as left_out
        from jsonb_array_elements(told.moved) as one
    ) as moved
    on conflict (submission, institution, administrator, programme, subprogramme, specific, kind, year, stage, budget, side)
    do update set amount = line.amount + excluded.amount, incomplete = line.incomplete + excluded.incomplete;

    -- From here until the transaction ends, which is at once where this statement is all of it, other lines wait.
    perform pg_advisory_xact_lock(20260102);
    told.position := (select coalesce(max(position), 0) + 1 from journal);
    insert into journal select told.*;
    if delta is not null then
        insert into outbox (position, submission, body, size) values (told.position, told.submission, delta, esep_write.size);
    end if;
    return told.position;
end $$;
