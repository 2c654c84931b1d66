/** The form page: rail of forms, limits, formula bar, grid, status bar, and what stands beside the grid. */
import { useEffect, useMemo } from "preact/hooks";
import "./page.css";
import { lazy } from "../../lazy";
import { MomentBar } from "../../panels/moment-bar";
import { facts, jump } from "../../panels/submission";
import { beside } from "../../panels/tabs";
import { go, toSubmission } from "../../route";
import { shown } from "../../selection";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { Desk } from "./desk";
import { FormView } from "./form";
import { remembered } from "./memory";
import { Rail } from "./rail";

const Side = lazy(() => import("../../panels/side").then((part) => part.Side));

export function SubmissionPage({ id, form }: { readonly id: number; readonly form: string | null }) {
  const desk = useMemo(() => new Desk(id), [id]);
  useEffect(() => {
    facts.value = desk.facts;
    void Promise.all([remembered(), desk.open()]);
    return () => {
      facts.value = null;
      desk.close();
    };
  }, [desk]);
  const submission = desk.facts.submission.value;
  const open = form ?? submission?.forms[0]?.name ?? "";
  useEffect(() => void (open && (shown.value = { submission: id, form: open })), [id, open]);
  useEffect(() => {
    if (!submission) return;
    if (form === null && open) go(toSubmission(id, open), true);
    if (desk.table.value?.form.name !== open) void desk.show(open);
  }, [submission === null, open]);
  if (desk.missing.value) return <Missing desk={desk} />;
  const table = desk.table.value;
  return (
    <div class="work">
      <Rail desk={desk} open={open} />
      <main class="sheet-page">
        <MomentBar />
        {table && submission && table.form.name === open ? (
          <FormView key={open} desk={desk} table={table} submission={submission} beside={(what) => void beside(what, jump)} />
        ) : (
          <p class="loading" aria-busy="true">
            {say(words.loading)}
          </p>
        )}
      </main>
      <Side />
    </div>
  );
}

function Missing({ desk }: { readonly desk: Desk }) {
  const finding = desk.missing.value?.findings[0];
  return (
    <main class="sheet-page">
      <h1 class="title">{say(words.notFound)}</h1>
      <p>{finding ? say(finding.text) : ""}</p>
    </main>
  );
}
