/** Words of the grid itself. */
export const words = {
  none: { kk: "Ештеңе табылмады", ru: "Ничего не найдено", en: "Nothing found" },
  find: { kk: "Табу", ru: "Найти", en: "Find" },
  hits: { kk: "{place} / {count}", ru: "{place} из {count}", en: "{place} of {count}" },
  next: { kk: "Келесі", ru: "Следующее", en: "Next" },
  previous: { kk: "Алдыңғы", ru: "Предыдущее", en: "Previous" },
  close: { kk: "Жабу", ru: "Закрыть", en: "Close" },
  yes: { kk: "иә", ru: "да", en: "yes" },
  no: { kk: "жоқ", ru: "нет", en: "no" },
  blanks: { kk: "(бос)", ru: "(пусто)", en: "(blank)" },
  rowCount: { kk: "жол: {count}", ru: "строк: {count}", en: "rows: {count}" },
  readonly: { kk: "есептеледі, енгізу жабық", ru: "считается, ввод закрыт", en: "calculated, not typed" },
} as const;
