/** Words of the frame. A comment `kk: check` marks wording that a native reader should look at. */
export const words = {
  name: { kk: "Есеп", ru: "Есеп", en: "Esep" },
  skip: { kk: "Мазмұнына өту", ru: "К содержанию", en: "Skip to the content" },
  environment: {
    demo: { kk: "Оқу базасы", ru: "Учебная база", en: "Training base" },
    test: { kk: "Сынақ базасы", ru: "Тестовая база", en: "Test base" },
  },
  environment_about: {
    demo: {
      kk: "деректер ойдан шығарылған, қолдардың күші жоқ",
      ru: "данные вымышлены, подписи не имеют силы",
      en: "the data are invented, signatures have no force",
    },
    test: {
      kk: "мұнда жазылған ештеңенің күші жоқ", // kk: check
      ru: "ничто записанное здесь не имеет силы",
      en: "nothing written here has any force",
    },
  },
  pages: { kk: "Бөлімдер", ru: "Разделы", en: "Sections" },
  place: { kk: "Қай жерде", ru: "Где вы", en: "Where you are" }, // kk: check
  home: { kk: "Басты бет", ru: "Главная", en: "Home" },
  institutions: { kk: "Өтінімдер", ru: "Заявки", en: "Requests" },
  totals: { kk: "Қосындылар", ru: "Итоги", en: "Totals" },
  scenarios: { kk: "Сценарийлер", ru: "Сценарии", en: "Scenarios" },
  institution: { kk: "Мекеме", ru: "Учреждение", en: "Institution" },
  programme: { kk: "Бағдарлама", ru: "Программа", en: "Programme" },
  cycle: { kk: "Жоспарлы кезең", ru: "Плановый период", en: "Plan period" },
  filter: { kk: "Код немесе атауы", ru: "Код или название", en: "Code or title" },
  none: { kk: "Ештеңе табылмады", ru: "Ничего не найдено", en: "Nothing found" },
  search: { kk: "Іздеу", ru: "Поиск", en: "Search" },
  search_hint: {
    kk: "Мекеме, нысан немесе баған",
    ru: "Учреждение, форма или графа",
    en: "Institution, form or column",
  },
  found: { kk: "Табылғаны: {count}", ru: "Найдено: {count}", en: "Found: {count}" },
  more: { kk: "және тағы", ru: "и ещё", en: "and more" },
  kinds: {
    submission: { kk: "мекеме", ru: "учреждение", en: "institution" },
    form: { kk: "нысан", ru: "форма", en: "form" },
    column: { kk: "баған", ru: "графа", en: "column" },
  },
  language: { kk: "Тіл", ru: "Язык", en: "Language" },
  languages: {
    kk: { kk: "Қаз", ru: "Қаз", en: "Қаз" },
    ru: { kk: "Рус", ru: "Рус", en: "Рус" },
    en: { kk: "Eng", ru: "Eng", en: "Eng" },
  },
  unit: { kk: "Өлшем бірлігі", ru: "Единица", en: "Unit" },
  units: {
    "1": { kk: "тг", ru: "тг", en: "tg" },
    thousand: { kk: "мың", ru: "тыс.", en: "thou." },
    million: { kk: "млн", ru: "млн", en: "mln" },
  },
  units_full: {
    "1": { kk: "теңге", ru: "тенге", en: "tenge" },
    thousand: { kk: "мың теңге", ru: "тыс. тенге", en: "thousand tenge" },
    million: { kk: "млн теңге", ru: "млн тенге", en: "million tenge" },
  },
  to_dark: { kk: "Қараңғы түс", ru: "Тёмная тема", en: "Dark theme" },
  to_light: { kk: "Ашық түс", ru: "Светлая тема", en: "Light theme" },
  leave: { kk: "Шығу", ru: "Выйти", en: "Sign out" },
  help: { kk: "Анықтама", ru: "Справка", en: "Help" },
  close: { kk: "Жабу", ru: "Закрыть", en: "Close" },
  nowhere: { kk: "Мұндай бет жоқ", ru: "Такой страницы нет", en: "There is no such page" },
  to_home: { kk: "Басты бетке", ru: "На главную", en: "To the home page" },
  lost: {
    kk: "Байланыс үзілді. Терілгені сақталады, байланыс қалпына келгенде жіберіледі.",
    ru: "Связь потеряна. Набранное хранится здесь и уйдёт, когда связь вернётся.",
    en: "The connection is lost. What you typed is kept here and goes out when it is back.",
  },
  healing: {
    kk: "Байланыс қалпына келді, өткізіп алғаны жүктелуде.",
    ru: "Связь вернулась, догоняем пропущенное.",
    en: "The connection is back, catching up.",
  },
} as const;
