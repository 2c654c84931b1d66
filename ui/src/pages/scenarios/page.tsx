/** Scenarios over a pinned base. */
export function ScenariosPage({ id }: { readonly id: string | null }) {
  return <p>{id}</p>;
}
