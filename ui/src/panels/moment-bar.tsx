/** Says above the grid that what it shows is past, and leads back. */
import { moment as momentText } from "../figures";
import { shown } from "../selection";
import { words } from "../words/panels";
import { say } from "../words/say";
import "./moment-bar.css";
import { moment } from "./moment";

export function MomentBar() {
  const at = moment.value;
  if (!at || at.submission !== shown.value?.submission) return null;
  return (
    <div class="moment-bar" role="status">
      <span>{say(words.asOf, { at: momentText(at.at), by: at.by, revision: at.revision })}</span>
      <button type="button" class="btn" onClick={() => (moment.value = null)}>{say(words.backToNow)}</button>
    </div>
  );
}
