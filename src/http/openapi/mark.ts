/** A bell curve between two bounds, 32 by 32. */
const curve =
  '<rect width="32" height="32" rx="7" fill="#1f6f5c"/><path d="M4 24c5 0 6-1 8-8s2.5-9 4-9 2 2 4 9 3 8 8 8" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/><path d="M11 27v-5M21 27v-5" stroke="#9fe0cf" stroke-width="2" stroke-linecap="round"/>';

/** Norma's mark, for a browser's tab. */
export const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${curve}</svg>`;

/** The mark and the name beside it, for a dark bar. */
export const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 132 32" height="32" role="img" aria-label="Norma">${curve}<text x="42" y="23" font-family="system-ui, sans-serif" font-size="22" font-weight="600" fill="#fff">Norma</text></svg>`;
