-- Writing an action down is all that an edit asks of the database: that its submission stands as its user saw it, and
-- which lines of the journal others have written meanwhile, is asked and told with it.
drop function esep_write(journal, bytea, integer);

-- What decides who may do what with a submission, as one text: whose it is, its stage, its calendar, whose that is.
create function esep_standing(number bigint) returns text language plpgsql stable as $$
begin
    return (
        select md5(row(it.organisation, it.state, it.official_use, cycle.calendar, whose.parent, above.parent)::text)
        from submission as it
        join cycle on cycle.name = it.cycle
        join organisation as whose on whose.id = it.organisation
        left join organisation as above on above.id = whose.parent
        where it.id = number
    );
end $$;

-- Writes one action of a submission down, all of it or nothing, in one statement: its budget lines, its new head, its line
-- of the journal, and what is told to others who look. `told` is that line but for its position, which the answer is; it
-- is null where the submission is no longer as the action found it, or stands otherwise, or where its key has been used,
-- and then nothing is written. `since` are the lines after the `known` position and before it, where these are not many.
create function esep_write(
    told journal, delta bytea, size integer, standing text, known bigint, out place bigint, out since jsonb
) language plpgsql as $$
begin
    if standing is not null and standing <> esep_standing(told.submission) then
        return;
    end if;
    if told.key is not null and exists (select from journal where account = told.account and key = told.key) then
        return;
    end if;
    update submission set revision = told.revision, head = told.digest
    where id = told.submission and revision = told.revision - 1 and head = told.previous;
    if not found then
        return;
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
    place := (select coalesce(max(position), 0) + 1 from journal);
    told.position := place;
    insert into journal select told.*;
    if delta is not null then
        insert into outbox (position, submission, body, size) values (place, told.submission, delta, esep_write.size);
    end if;
    if place - known between 2 and 200 then
        since := (
            select jsonb_agg(jsonb_build_array(position, submission, action, moved) order by position)
            from journal where position > known and position < place
        );
    end if;
end $$;
