/** Words of the budget process: its milestones and the stages of a submission, by the codes that rulesets use. */
import type { Words } from "./say";

export const MILESTONES: Readonly<Record<string, Words>> = {
  "institution-requests": { kk: "Мекемелердің өтінімдері", ru: "Заявки учреждений", en: "Requests of institutions" },
  requests: { kk: "Әкімшілердің өтінімдері", ru: "Заявки администраторов", en: "Requests of administrators" },
  conclusions: { kk: "Қорытындылар", ru: "Заключения", en: "Conclusions" },
  commission: { kk: "Бюджет комиссиясы", ru: "Бюджетная комиссия", en: "Budget commission" },
  "draft-law": { kk: "Заң жобасы", ru: "Проект закона", en: "Draft law" },
  law: { kk: "Заң", ru: "Закон", en: "Law" },
  "financing-plans": { kk: "Қаржыландыру жоспарлары", ru: "Планы финансирования", en: "Financing plans" },
};

export const STAGES: Readonly<Record<string, Words>> = {
  draft: { kk: "жоба", ru: "черновик", en: "draft" },
  "institution-signed": { kk: "мекеме қол қойды", ru: "подписана учреждением", en: "signed by the institution" },
  "administrator-review": { kk: "әкімші қарауында", ru: "на рассмотрении у администратора", en: "under the administrator's review" },
  "returned-to-institution": { kk: "мекемеге қайтарылды", ru: "возвращена учреждению", en: "returned to the institution" },
  consolidated: { kk: "жиынтыққа енді", ru: "в своде", en: "consolidated" }, // kk: check
  "administrator-signed": { kk: "әкімші қол қойды", ru: "подписана администратором", en: "signed by the administrator" },
  submitted: { kk: "жіберілді", ru: "представлена", en: "submitted" },
  registered: { kk: "тіркелді", ru: "зарегистрирована", en: "registered" },
  "under-review": { kk: "қаралуда", ru: "рассматривается", en: "under review" },
  "returned-to-administrator": { kk: "әкімшіге қайтарылды", ru: "возвращена администратору", en: "returned to the administrator" },
  "conclusion-signed": { kk: "қорытындыға қол қойылды", ru: "заключение подписано", en: "conclusion signed" },
  "commission-material": { kk: "комиссия материалы", ru: "материал комиссии", en: "material of the commission" },
  "commission-decided": { kk: "комиссия шешті", ru: "решена комиссией", en: "decided by the commission" },
  rework: { kk: "пысықталуда", ru: "на доработке", en: "in rework" },
  accepted: { kk: "қабылданды", ru: "принята", en: "accepted" },
  "in-draft-law": { kk: "заң жобасында", ru: "в проекте закона", en: "in the draft law" },
  approved: { kk: "бекітілді", ru: "утверждена", en: "approved" },
  planned: { kk: "жоспарланды", ru: "в плане финансирования", en: "planned" },
};

/** What a stage is called; one that a ruleset invented stands as its code. */
export function stageOf(code: string): Words {
  return STAGES[code] ?? { kk: code, ru: code, en: code };
}

export function milestoneOf(code: string): Words {
  return MILESTONES[code] ?? { kk: code, ru: code, en: code };
}

/** The kinds of expenditure under a limit. */
export const KINDS: Readonly<Record<string, Words>> = {
  base: { kk: "Базалық шығыстар", ru: "Базовые расходы", en: "Base expenditure" },
  new: { kk: "Жаңа бастамалар", ru: "Новые инициативы", en: "New initiatives" },
};

/** On which level a limit or a total stands. */
export const LEVELS: Readonly<Record<string, Words>> = {
  institution: { kk: "мекеме", ru: "учреждение", en: "institution" },
  administrator: { kk: "әкімші", ru: "администратор", en: "administrator" },
  republic: { kk: "республика", ru: "республика", en: "republic" },
};
