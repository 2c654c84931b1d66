/** A part of the page that is loaded when it is first shown. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** `lazy(() => import("./pages/totals/page").then((m) => m.TotalsPage))` is a component. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Lazy(props: Props) {
    const [, draw] = useState(0);
    useEffect(() => {
      if (!loaded) void load().then((part) => ((loaded = part), draw(1)));
    }, []);
    const Part = loaded;
    return Part ? <Part {...props} /> : <p class="loading" aria-busy="true" />;
  };
}
