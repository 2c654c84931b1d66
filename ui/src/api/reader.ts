/**
 * Readers say what an answer must look like; one that does not is told with the place where it differs. They are typed
 * by `wire.ts`, so a reader that forgets a field is not compiled, and the golden answers of the Python tests hold them
 * to what the service says.
 */

/** Tells what is wrong with a value, place by place; nothing where it is as it must be. */
export type Reader<T> = ((value: unknown, at: string, wrong: string[]) => void) & { readonly of?: T };

export const text: Reader<string> = of((value) => typeof value === "string", "text");
export const number: Reader<number> = of((value) => typeof value === "number", "a number");
export const flag: Reader<boolean> = of((value) => typeof value === "boolean", "true or false");
/** A whole number as text: a sum that may pass what a number holds. */
export const whole: Reader<string> = of((value) => typeof value === "string" && /^-?\d+$/.test(value), "a whole number as text");
export const day: Reader<string> = of((value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value), "a date");
export const moment: Reader<string> = of((value) => typeof value === "string" && !isNaN(Date.parse(value)), "a moment");
export const anything: Reader<never> = () => undefined;

export function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return of((value) => words.includes(value as T), words.join(" | "));
}

export function orNull<T>(reader: Reader<T>): Reader<T | null> {
  return (value, at, wrong) => (value === null ? undefined : reader(value, at, wrong));
}

export function list<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (value, at, wrong) => {
    if (!Array.isArray(value)) wrong.push(`${at}: a list expected`);
    else value.forEach((one, i) => reader(one, `${at}[${i}]`, wrong));
  };
}

/** Any names, each with a value of one kind. */
export function record<T>(reader: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, at, wrong) => {
    if (!isObject(value)) wrong.push(`${at}: names with values expected`);
    else for (const [name, one] of Object.entries(value)) reader(one, `${at}.${name}`, wrong);
  };
}

type Optional<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type Readers<T> = { readonly [K in keyof T]-?: Reader<Exclude<T[K], undefined>> };

/** An object with these fields; more are allowed, and the fields that may be left out are named. */
export function shape<T extends object>(readers: Readers<T>, ...optional: readonly Optional<T>[]): Reader<T> {
  return (value, at, wrong) => {
    if (!isObject(value)) return void wrong.push(`${at}: an object expected`);
    for (const name of Object.keys(readers) as (keyof T & string)[]) {
      if (name in value) readers[name](value[name], `${at}.${name}`, wrong);
      else if (!(optional as readonly string[]).includes(name)) wrong.push(`${at}.${name}: missing`);
    }
  };
}

/** One of several kinds of values: the first that fits. */
export function either<T>(...readers: readonly Reader<T>[]): Reader<T> {
  return (value, at, wrong) => {
    const tried = readers.map((reader) => complaints(reader, value, at));
    if (tried.every((found) => found.length > 0)) wrong.push(...(tried[0] ?? []));
  };
}

/** A reader of something that holds itself. */
export function later<T>(reader: () => Reader<T>): Reader<T> {
  return (value, at, wrong) => reader()(value, at, wrong);
}

/** All that is wrong with a value. */
export function complaints<T>(reader: Reader<T>, value: unknown, at = ""): string[] {
  const wrong: string[] = [];
  reader(value, at, wrong);
  return wrong;
}

function of<T>(fits: (value: unknown) => boolean, expected: string): Reader<T> {
  return (value, at, wrong) => void (fits(value) || wrong.push(`${at}: ${expected} expected, not ${JSON.stringify(value)}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
