/** A few choices side by side, one of them pressed. */
import type { Titles } from "./api/wire";
import { say } from "./words/say";

interface ChoiceProps<T extends string> {
  readonly label: Titles;
  readonly of: readonly T[];
  readonly chosen: T;
  readonly names: Readonly<Record<T, Titles>>;
  readonly full?: Readonly<Record<T, Titles>>;
  readonly choose: (one: T) => void;
}

export function Choice<T extends string>({ label, of, chosen, names, full, choose }: ChoiceProps<T>) {
  return (
    <div class="seg" role="group" aria-label={say(label)}>
      {of.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === chosen}
          title={full && say(full[one])}
          onClick={() => choose(one)}
        >
          {say(names[one])}
        </button>
      ))}
    </div>
  );
}
