/** Words of the page where one signs in. */
export const words = {
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
