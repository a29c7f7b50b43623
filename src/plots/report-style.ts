import { plotStyle } from './style.ts';

/** The look of the report, in light and in dark, on a phone and on a desk. */
export const reportStyle = `
${plotStyle}
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2430;--faint:#5b6675;--line:#e3e7ec;--shade:#f5f7f9;--alert:#9a3412;--alert-shade:#fff4ec}
@media (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e8ecf1;--faint:#a3aebb;--line:#2b323b;--shade:#1b2027;--alert:#fdba74;--alert-shade:#2a1f17}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main{max-width:1120px;margin:0 auto;padding:0 16px}
header{padding-top:24px}
h1{font-size:1.7rem;line-height:1.2;margin:0}
h2{font-size:1.25rem;margin:2.2rem 0 .5rem}
h3{font-size:1.05rem;margin:0}
h4{font-size:.95rem;margin:.9rem 0 .2rem}
p,ul{margin:.4rem 0;max-width:75ch}
ul{padding-left:1.2rem}
.lead,h3 span,th span{color:var(--faint);font-weight:400}
h3 span{margin-left:.6em;font-size:.9rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:8px 16px}
figure{margin:0}
figure svg{display:block;width:100%;height:auto}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.5rem .75rem;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
thead th,thead td{border-top:0;background:var(--shade)}
tbody th{text-align:left;white-space:normal;min-width:18ch}
th span{display:block;font-size:.8rem}
td.missing{text-align:left;color:var(--alert)}
abbr{text-decoration:none}
article{border:1px solid var(--line);border-radius:8px;padding:14px 16px;margin:12px 0}
@media (min-width:900px){article{display:grid;grid-template-columns:1fr 1fr;gap:0 32px}article h3{grid-column:1/-1}article h4{margin-top:.4rem}}
.warning{background:var(--alert-shade);border-left:4px solid var(--alert);border-radius:4px;padding:.5rem .75rem}
.warning strong{color:var(--alert)}
code{font:.9em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--shade);border:1px solid var(--line);border-radius:8px;padding:12px;overflow-x:auto}
main{padding-bottom:48px}
@media (max-width:640px){h1{font-size:1.35rem}h3 span{display:block;margin-left:0}}
`.trim();
