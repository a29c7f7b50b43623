/** Colors that are told apart in light and in dark, also by most who see colors differently (Okabe and Ito 2008, adjusted). */
const light = ['#6b7280', '#0072b2', '#d55e00', '#009e73', '#b0468e', '#8a6d00', '#2f9fd0', '#7c3aed'];
const dark = ['#a3aebb', '#6eb5e8', '#ff9c4a', '#4cd3a5', '#ec9dce', '#e6c84f', '#8bd3f5', '#c4a5ff'];

function rules(colors: readonly string[]): string {
  return colors
    .map(
      (color, i) =>
        `.norma .curve.k${i}{stroke:${color}}.norma .bar.k${i}{fill:${color}}.key.k${i}{background:${color}}`,
    )
    .join('\n');
}

/** One color for each candidate, the data as they are in grey. */
export const candidateStyle = `
.norma .curve{fill:none;stroke-width:2;stroke-linejoin:round}
.norma .curve.k0{stroke-dasharray:5 3}
.norma .fold{fill:#5b6675;fill-opacity:.55}
.norma .tick-mean{stroke:#c2410c;stroke-width:2}
.key{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.45em}
${rules(light)}
@media (prefers-color-scheme:dark){
.norma .fold{fill:#c3ccd6}
.norma .tick-mean{stroke:#fb923c}
${rules(dark)}
}
@media print{
.norma text{fill:#000}
.norma .paper{fill:#fff}
.norma .grid{stroke:#ccc}
${rules(light)}
}
`.trim();
