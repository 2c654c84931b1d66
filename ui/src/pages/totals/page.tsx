/** Totals of the nation, by any combination of dimensions. */
export function TotalsPage() {
  return <p />;
}
