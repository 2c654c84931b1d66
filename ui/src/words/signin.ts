/** Words of the page where one signs in. */
export const words = {
  about: {
    kk: "Мемлекеттік бюджетті жоспарлау: нысандар, мемлекет ережелері және дәл ақша.",
    ru: "Планирование государственного бюджета: формы, правила государства и точные деньги.",
    en: "Plans a state budget: forms, the rules of the state, and exact money.",
  },
  title: { kk: "Кіру", ru: "Вход", en: "Sign in" },
  login: { kk: "Логин", ru: "Логин", en: "Login" },
  password: { kk: "Құпиясөз", ru: "Пароль", en: "Password" },
  enter: { kk: "Кіру", ru: "Войти", en: "Sign in" },
  unreached: {
    kk: "Қызметпен байланыс жоқ. Біраздан кейін қайталап көріңіз.",
    ru: "Нет связи со службой. Повторите попытку немного позже.",
    en: "The service cannot be reached. Try again in a moment.",
  },
} as const;
