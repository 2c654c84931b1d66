/** Words of the help sheet: the keyboard, and the open form with its columns. */
import type { Words } from "./say";

export const words = {
  title: { kk: "Анықтама", ru: "Справка", en: "Help" },
  keyboard: { kk: "Пернетақта", ru: "Клавиатура", en: "Keyboard" },
  form: { kk: "Осы нысан", ru: "Эта форма", en: "This form" },
  column: { kk: "Осы баған", ru: "Эта графа", en: "This column" },
  norm: { kk: "Норма", ru: "Норма", en: "Norm" },
  act: { kk: "Негізі", ru: "Основание", en: "Basis" },
  input: { kk: "енгізіледі", ru: "ввод", en: "typed in" },
  calculated: { kk: "есептеледі", ru: "считается", en: "calculated" },
} as const;

export interface Keys {
  readonly title: Words;
  readonly keys: readonly (readonly [string, Words])[];
}

/** What the keyboard does, group by group; as in Excel wherever Excel has a key for it. */
export const KEYBOARD: readonly Keys[] = [
  {
    title: { kk: "Кез келген жерде", ru: "Везде", en: "Everywhere" },
    keys: [
      ["F1", { kk: "осы анықтама", ru: "эта справка", en: "this help" }],
      ["Ctrl+K", { kk: "іздеу", ru: "поиск", en: "search" }],
      ["F6", { kk: "беттің келесі бөлігіне", ru: "к следующей части страницы", en: "to the next part of the page" }],
      ["Alt+E", { kk: "неге", ru: "почему", en: "why" }],
      ["Alt+H", { kk: "тарих", ru: "история", en: "history" }],
      ["Alt+L", { kk: "лимиттер", ru: "лимиты", en: "limits" }],
      ["Ctrl+Z, Ctrl+Y", { kk: "болдырмау, қайталау", ru: "отменить, повторить", en: "undo, redo" }],
      ["F9", { kk: "бәрі әрқашан есептелген: ештеңе істемейді", ru: "ничего: всё всегда пересчитано", en: "nothing: all is always calculated" }],
    ],
  },
  {
    title: { kk: "Кестеде жүру", ru: "Движение по таблице", en: "Moving in a table" },
    keys: [
      ["← ↑ ↓ →", { kk: "бір ұяшыққа", ru: "на клетку", en: "by a cell" }],
      ["Tab, Enter", { kk: "оңға, төмен; Shift-пен кері", ru: "вправо, вниз; с Shift назад", en: "right, down; with Shift back" }],
      ["Ctrl+←↑↓→", { kk: "блоктың шетіне", ru: "до края блока", en: "to the edge of the block" }],
      ["Home, End", { kk: "жолдың басына, соңына", ru: "в начало, в конец строки", en: "to the row's first, last cell" }],
      ["Ctrl+Home, Ctrl+End", { kk: "кестенің басына, соңына", ru: "в начало, в конец таблицы", en: "to the table's first, last cell" }],
      ["Page Up, Page Down", { kk: "экранға жоғары, төмен", ru: "на экран вверх, вниз", en: "by a screen" }],
      ["Shift+…", { kk: "белгілеу", ru: "выделить", en: "select" }],
      ["Ctrl+A", { kk: "бәрін белгілеу", ru: "выделить всё", en: "select all" }],
      ["Ctrl+F", { kk: "табу", ru: "найти", en: "find" }],
      ["Ctrl+[, Ctrl+]", { kk: "неден, қайда кіреді", ru: "из чего, куда входит", en: "what it comes from, where it goes" }],
    ],
  },
  {
    title: { kk: "Енгізу", ru: "Ввод", en: "Typing" },
    keys: [
      ["F2", { kk: "ұяшықты түзету", ru: "править клетку", en: "edit the cell" }],
      ["Esc", { kk: "бас тарту", ru: "отказаться", en: "cancel" }],
      ["Delete", { kk: "тазалау", ru: "очистить", en: "clear" }],
      ["Ctrl+C, X, V", { kk: "көшіру, қию, қою (Excel-мен де)", ru: "копировать, вырезать, вставить (и с Excel)", en: "copy, cut, paste (with Excel too)" }],
      ["Ctrl+D, Ctrl+R", { kk: "төмен, оңға толтыру", ru: "заполнить вниз, вправо", en: "fill down, right" }],
      ["Ctrl+Enter", { kk: "белгіленгенді толтыру", ru: "заполнить выделенное", en: "fill the selection" }],
      ["Ctrl+;", { kk: "бүгінгі күн", ru: "сегодняшняя дата", en: "today's date" }],
      ["Ctrl+Alt+M", { kk: "түсініктеме", ru: "комментарий", en: "comment" }],
    ],
  },
];
