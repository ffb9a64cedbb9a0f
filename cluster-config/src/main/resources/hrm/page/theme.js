/** Dark, light, or as the system has it; kept in this browser. */

const KEY = 'hrm-theme';
const NEXT = { auto: 'dark', dark: 'light', light: 'auto' };

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is refused: the choice lasts as long as the page
  }
}

export let theme = stored() in NEXT ? stored() : 'auto';

function apply() {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function nextTheme() {
  theme = NEXT[theme];
  apply();
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // as above
  }
}

apply();
