/** What stands around every page: the environment's bar, the top bar, and the page that the address names. */
import { say } from "./words/say";
import { words } from "./words/frame";

export function Frame() {
  return <h1 class="title">{say(words.name)}</h1>;
}
