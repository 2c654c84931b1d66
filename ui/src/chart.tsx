/** A chart as a part of a page: drawn anew when what it shows or the theme changes. */
import { useEffect, useRef } from "preact/hooks";
import { drawnIn, type Option } from "./charts";
import { theme } from "./session";
import { language } from "./words/say";

export function Chart({ label, option, short }: { readonly label: string; readonly option: () => Option; readonly short?: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof drawnIn> | null>(null);
  useEffect(() => {
    chart.current = drawnIn(host.current as HTMLDivElement);
    return () => chart.current?.end();
  }, []);
  const [look, words] = [theme.value, language.value];
  useEffect(() => chart.current?.show(option()), [option, look, words]);
  return <div class={short ? "canvas short" : "canvas"} role="img" aria-label={label} ref={host} />;
}
