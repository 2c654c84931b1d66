-- Tells every process of the service that somebody has signed out or may be somebody else to the table of access: what
-- it knows of sessions it asks anew.
create function esep_people() returns trigger language plpgsql as $$
begin
    perform pg_notify('esep_people', '');
    return null;
end $$;
create trigger esep_people after delete on session for each row execute function esep_people();
create trigger esep_people after update of login, name, language, active on account
    for each statement execute function esep_people();
create trigger esep_people after insert or update or delete on membership
    for each statement execute function esep_people();
