/** Where one signs in. */
import { useState } from "preact/hooks";
import { Refusal } from "../../api/client";
import type { Titles } from "../../api/wire";
import { Choice } from "../../choice";
import { Mark } from "../../icons";
import { chooseLanguage, signIn } from "../../session";
import { words as frame } from "../../words/frame";
import { language, LANGUAGES, say } from "../../words/say";
import { words } from "../../words/signin";

export function SignIn() {
  const [refused, refuse] = useState<Titles | null>(null);
  const [busy, work] = useState(false);
  async function enter(event: SubmitEvent) {
    event.preventDefault();
    const told = new FormData(event.currentTarget as HTMLFormElement);
    work(true);
    try {
      await signIn(String(told.get("login")), String(told.get("password")));
    } catch (error) {
      refuse(error instanceof Refusal && error.findings[0] ? error.findings[0].text : words.unreached);
    }
    work(false);
  }
  return (
    <main class="signin">
      <div class="cover">
        <Mark />
        <p>{say(frame.name)}</p>
        <p>{say(words.about)}</p>
      </div>
      <form onSubmit={(event) => void enter(event)}>
        <h1 class="title">{say(words.title)}</h1>
        <label>
          {say(words.login)} <input name="login" autocomplete="username" required autofocus />
        </label>
        <label>
          {say(words.password)} <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {refused && <p role="alert" class="bad">{say(refused)}</p>}
        <button type="submit" class="btn main" disabled={busy}>{say(words.enter)}</button>
        <Choice label={frame.language} of={LANGUAGES} chosen={language.value} names={frame.languages} choose={chooseLanguage} />
      </form>
    </main>
  );
}
