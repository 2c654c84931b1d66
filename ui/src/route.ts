/** The address is the page: links are plain `<a href="/totals">`, and going there does not load the document anew. */
import { computed, signal } from "@preact/signals";

export type Page =
  | { readonly page: "home" }
  | { readonly page: "institutions" }
  | { readonly page: "submission"; readonly id: number; readonly form: string | null }
  | { readonly page: "totals" }
  | { readonly page: "scenarios"; readonly id: string | null }
  | { readonly page: "nowhere" };

/** Path and query as in the browser's bar, such as "/submissions/2/fuel?row=3". */
export const address = signal(globalThis.location ? location.pathname + location.search : "/");
export const page = computed<Page>(() => pageOf(address.value));
export const query = computed(() => new URLSearchParams(address.value.split("?")[1] ?? ""));

/** Go to an address of the page; `replace` leaves no step to come back to. */
export function go(to: string, replace = false): void {
  if (to === address.value) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  address.value = to;
}

export function pageOf(of: string): Page {
  const [first, second, third] = (of.split("?")[0] ?? "").split("/").filter(Boolean).map(decodeURIComponent);
  if (first === undefined) return { page: "home" };
  if (first === "submissions" && /^\d+$/.test(second ?? ""))
    return { page: "submission", id: Number(second), form: third ?? null };
  if (first === "institutions") return { page: "institutions" };
  if (first === "totals") return { page: "totals" };
  if (first === "scenarios") return { page: "scenarios", id: second ?? null };
  return { page: "nowhere" };
}

/** The address of a submission, of a form of it. */
export function toSubmission(id: number, form?: string | null): string {
  return form ? `/submissions/${id}/${encodeURIComponent(form)}` : `/submissions/${id}`;
}

/** Plain clicks on links of the page go by `go`; the browser's back and forward are followed. */
export function followLinks(): void {
  addEventListener("popstate", () => (address.value = location.pathname + location.search));
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || !ours(link, event)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

function ours(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const here = link.origin === location.origin && !link.pathname.startsWith("/api/") && !link.hash;
  return plain && here && !event.defaultPrevented && !link.target && !link.hasAttribute("download");
}
