/** Where nothing real is at stake, each answer is read strictly, and one that differs is told to the console. */
import { readerOf } from "./answers";
import { whenAnswered } from "./client";
import { complaints } from "./reader";

/** Answers of so many rows are left alone: reading them would be felt. */
const ROWS_MAX = 200;

whenAnswered((method, path, answer) => {
  const rows = (answer as { rows?: unknown[] } | undefined)?.rows;
  const reader = Array.isArray(rows) && rows.length > ROWS_MAX ? undefined : readerOf(method, path);
  const wrong = reader ? complaints(reader, answer) : [];
  if (wrong.length) console.error(`${method} ${path} is not as expected: ${wrong.slice(0, 5).join("; ")}`);
});
