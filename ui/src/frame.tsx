/** What stands around every page: the environment's bar, the top bar, and the page that the address names. */
import { useEffect } from "preact/hooks";
import "./frame.css";
import { Choice } from "./choice";
import { Crumbs } from "./crumbs";
import { Help, helpOpen } from "./help";
import { Icon, Mark } from "./icons";
import { told } from "./installation";
import { lazy } from "./lazy";
import { connection } from "./live";
import { SignIn } from "./pages/signin/page";
import { Popover } from "./popover";
import { address, page } from "./route";
import { Search } from "./search";
import { chooseLanguage, chooseTheme, chooseUnit, signOut, theme, unit, UNITS, user } from "./session";
import { words } from "./words/frame";
import { language, LANGUAGES, say } from "./words/say";

const Home = lazy(() => import("./pages/home/page").then((part) => part.HomePage));
const Institutions = lazy(() => import("./pages/home/institutions").then((part) => part.InstitutionsPage));
const Submission = lazy(() => import("./pages/submission/page").then((part) => part.SubmissionPage));
const Totals = lazy(() => import("./pages/totals/page").then((part) => part.TotalsPage));
const Scenarios = lazy(() => import("./pages/scenarios/page").then((part) => part.ScenariosPage));

export function Frame() {
  const somebody = user.value;
  return (
    <div class="frame">
      <a class="skip" href="#content">{say(words.skip)}</a>
      <Environment />
      {somebody ? <Top /> : null}
      <Connection />
      <div class="page" id="content" tabIndex={-1}>
        {somebody ? <Shown /> : <SignIn />}
      </div>
      {helpOpen.value && <Help />}
    </div>
  );
}

function Environment() {
  if (told.installation === "real") return null;
  return (
    <aside class="env" aria-label={say(words.environment[told.installation])}>
      {say(words.environment[told.installation])} <span>{say(words.environment_about[told.installation])}</span>
    </aside>
  );
}

function Top() {
  return (
    <header class="top">
      <a class="mark" href="/" aria-label={`${say(words.name)}: ${say(words.home)}`}>
        <Mark />
        <span>{say(words.name)}</span>
      </a>
      <Sections />
      <Crumbs />
      <div class="grow" />
      <Search />
      <Choice label={words.unit} of={UNITS} chosen={unit.value} names={words.units} full={words.units_full} choose={chooseUnit} />
      <Languages />
      <Themes />
      <button type="button" class="icon" title={`${say(words.help)} (F1)`} aria-label={say(words.help)} onClick={() => (helpOpen.value = true)}>
        <Icon of="help" />
      </button>
      <Who />
    </header>
  );
}

/** The languages, each under its own name. */
export function Languages() {
  return <Choice label={words.language} of={LANGUAGES} chosen={language.value} names={words.languages} choose={chooseLanguage} />;
}

function Themes() {
  const other = theme.value === "dark" ? "light" : "dark";
  const name = say(other === "dark" ? words.to_dark : words.to_light);
  return (
    <button type="button" class="icon" title={name} aria-label={name} onClick={() => chooseTheme(other)}>
      <Icon of={other === "dark" ? "moon" : "sun"} />
    </button>
  );
}

const SECTIONS = [
  ["/institutions", words.institutions],
  ["/totals", words.totals],
  ["/scenarios", words.scenarios],
] as const;

function Sections() {
  return (
    <nav class="sections" aria-label={say(words.pages)}>
      {SECTIONS.map(([to, name]) => (
        <a key={to} href={to} aria-current={address.value.startsWith(to) ? "page" : undefined}>{say(name)}</a>
      ))}
    </nav>
  );
}

function Who() {
  const somebody = user.value;
  if (!somebody) return null;
  const roles = [...new Set(somebody.roles.map((one) => say(one.title)))].join(", ");
  return (
    <Popover name={`${initials(somebody.name)} ${somebody.name}, ${roles}`} face={<span class="initials">{initials(somebody.name)}</span>} kind="user" popup="menu">
      {(close) => (
        <div class="who">
          <p><b>{somebody.name}</b></p>
          <p class="small sec">{roles}</p>
          <p class="micro dim">{somebody.login}</p>
          <button type="button" class="btn" onClick={() => (close(), void signOut())}>{say(words.leave)}</button>
        </div>
      )}
    </Popover>
  );
}

function initials(name: string): string {
  return name.split(/\s+/).slice(0, 2).map((word) => word.charAt(0)).join("");
}

/** Said aloud to a screen reader too; while the line lives there is nothing to say. */
function Connection() {
  const now = connection.value;
  return (
    <div class="connection" role="status">
      {user.value && now !== "live" && (
        <p class={now}>
          <Icon of="away" /> {say(words[now])}
        </p>
      )}
    </div>
  );
}

function Shown() {
  const at = page.value;
  useEffect(() => void (document.title = `${say(words.name)}`), [at.page, language.value]);
  if (at.page === "home") return <Home />;
  if (at.page === "institutions") return <Institutions />;
  if (at.page === "submission") return <Submission key={at.id} id={at.id} form={at.form} />;
  if (at.page === "totals") return <Totals />;
  if (at.page === "scenarios") return <Scenarios id={at.id} />;
  return <Nowhere />;
}

function Nowhere() {
  return (
    <main class="nowhere">
      <h1 class="title">{say(words.nowhere)}</h1>
      <a href="/">{say(words.to_home)}</a>
    </main>
  );
}
