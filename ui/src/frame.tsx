/** What stands around every page: the environment's bar, the top bar, and the page that the address names. */
import { lazy } from "./lazy";
import { SignIn } from "./pages/signin/page";
import { page } from "./route";
import { user } from "./session";
import { words } from "./words/frame";
import { say } from "./words/say";

const Submission = lazy(() => import("./pages/submission/page").then((part) => part.SubmissionPage));
const Totals = lazy(() => import("./pages/totals/page").then((part) => part.TotalsPage));
const Scenarios = lazy(() => import("./pages/scenarios/page").then((part) => part.ScenariosPage));

export function Frame() {
  if (!user.value) return <SignIn />;
  return (
    <div class="frame">
      <header class="top">
        <a class="mark" href="/">{say(words.name)}</a>
      </header>
      <div class="page">
        <Shown />
      </div>
    </div>
  );
}

function Shown() {
  const at = page.value;
  if (at.page === "submission") return <Submission key={at.id} id={at.id} form={at.form} />;
  if (at.page === "totals") return <Totals />;
  if (at.page === "scenarios") return <Scenarios id={at.id} />;
  return <h1 class="title">{say(words.name)}</h1>;
}
