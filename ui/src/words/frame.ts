/** Words of the frame. A comment `kk: check` marks wording that a native reader should look at. */
export const words = {
  name: { kk: "Есеп", ru: "Есеп", en: "Esep" },
} as const;
