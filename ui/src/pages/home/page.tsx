/** The home page: what I must do by when, where the limits stand, and in a demo what there is to practise on. */
import { useAsked } from "../../asked";
import type { Deadline, Start, WaitingSubmission } from "../../api/wire";
import { date } from "../../figures";
import { user } from "../../session";
import { milestoneOf } from "../../words/process";
import { words } from "../../words/home";
import { say } from "../../words/say";
import { Beginnings } from "./beginnings";
import { daysLeft } from "./days";
import { Below, Limits, RepublicTotals } from "./standing";
import { Practice } from "./practice";
import { Tasks } from "./tasks";
import "./home.css";

export function HomePage() {
  const { told } = useAsked<Start>("/start");
  if (!told) return <main class="home" aria-busy="true" />;
  const coming = told.calendar.find((one) => one.days >= 0);
  return (
    <main class="home">
      <header class="mast">
        <h1>{coming ? say(words.head, { milestone: say(milestoneOf(coming.milestone)), date: date(coming.date) }) : say(words.over)}</h1>
        {coming && <p class="sec">{daysLeft(coming.days)}</p>}
      </header>
      <Calendar of={told.calendar} />
      <div class="parts">
        <div class="todo">
          <Beginnings of={told.beginnings} all={told.unbegun} />
          <Tasks of={worth(told)} mine={told.visible === 1} />
          <Practice of={told.practice} />
        </div>
        <aside class="beside" aria-label={say(words.republic)}>
          <Limits of={told.submissions} />
          <RepublicTotals />
          {told.visible > 1 && <Below stages={told.stages} />}
        </aside>
      </div>
    </main>
  );
}

/** Those that wait for this user: mine to edit, with open remarks, or all where I see only a few. */
function worth(told: Start): readonly WaitingSubmission[] {
  return told.submissions.filter((one) => one.may_edit || one.open_remarks > 0 || told.visible <= 3);
}

function Calendar({ of }: { readonly of: readonly Deadline[] }) {
  const current = of.findIndex((one) => one.days >= 0);
  return (
    <ol class="cal" aria-label={say(words.calendar)} key={user.value?.login}>
      {of.map((one, i) => (
        <li key={one.milestone} aria-current={i === current ? "step" : undefined} class={one.days < 0 ? "past" : undefined}>
          <b>{say(milestoneOf(one.milestone))}</b>
          <span>
            {date(one.date)}
            {one.days < 0 && `, ${say(words.passed)}`}
            {i === current && `, ${say(words.current)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
