/**
 * The look of plots, in light and in dark. Colours are written out for each, because programs that draw SVG without being
 * browsers know no variables.
 */
export const plotStyle = `
.norma{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.norma text{fill:#1c2430;font-size:11px}
.norma .heading{font-size:17px;font-weight:650}
.norma .title{font-size:14px;font-weight:650}
.norma .faint{fill:#5b6675}
.norma .tick{fill:#5b6675;font-size:10.5px}
.norma .reason{fill:#9a3412;font-size:12px}
.norma .paper{fill:#fff}
.norma .grid{stroke:#e3e7ec}
.norma .axis{stroke:#8a94a2}
.norma .input .bar{fill:#7a8594}
.norma .output .bar{fill:#2f6fb3}
.norma .mean{stroke:#c2410c;stroke-width:1.5;stroke-dasharray:4 3}
.norma .reach{fill:transparent}
.norma .bin:hover .reach{fill:#e3e7ec}
@media (prefers-color-scheme:dark){
.norma text{fill:#e8ecf1}
.norma .faint,.norma .tick{fill:#a3aebb}
.norma .reason{fill:#fdba74}
.norma .paper{fill:#14181d}
.norma .grid{stroke:#2b323b}
.norma .axis{stroke:#6b7683}
.norma .input .bar{fill:#8d99a8}
.norma .output .bar{fill:#6eaef0}
.norma .mean{stroke:#fb923c}
.norma .bin:hover .reach{fill:#2b323b}
}
`.trim();
