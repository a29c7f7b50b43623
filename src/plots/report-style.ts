import { candidateStyle } from './candidate-style.ts';
import { plotStyle } from './style.ts';

/** The look of the report, in light and in dark, on a phone and on a desk. */
export const reportStyle = `
${plotStyle}
${candidateStyle}
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2430;--faint:#5b6675;--line:#e3e7ec;--shade:#f5f7f9;--alert:#9a3412;--alert-shade:#fff4ec;--good:#e8f3ec;--good-ink:#14532d}
@media (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e8ecf1;--faint:#a3aebb;--line:#2b323b;--shade:#1b2027;--alert:#fdba74;--alert-shade:#2a1f17;--good:#16291f;--good-ink:#a7e3bd}}
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
.answer h2{margin-top:1.4rem}
.sentences{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:12px;margin:.4rem 0 1rem}
.sentences div{background:var(--good);border-radius:8px;padding:12px 16px}
.sentences h3{color:var(--good-ink)}
.dangers{list-style:none;padding:0;max-width:none}
.dangers li{background:var(--alert-shade);border-left:4px solid var(--alert);border-radius:4px;padding:.4rem .75rem;margin:.35rem 0;max-width:90ch}
.answer>h3{margin-top:.8rem}
summary{cursor:pointer;font-weight:650;margin:.8rem 0 .2rem}
details ul{max-width:90ch}
.three{grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr))}
.keys{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;max-width:none;font-size:.9rem}
.scores td b,.scores td small{display:block;font-weight:inherit}
.scores td small{color:var(--faint);font-size:.78rem}
.scores td.best b{font-weight:700}
.scores td.best,.scores td.equal{background:var(--good)}
.scores td.worse b{color:var(--faint)}
.scores td,.columns td{vertical-align:middle}
.scores .strip{display:inline-block;vertical-align:middle}
.scores thead th,.columns thead th{white-space:normal;vertical-align:bottom}
.columns th.narrow{min-width:54px;font-weight:400;font-size:.74rem}.columns td,.columns th{padding-left:.36rem;padding-right:.36rem}
.columns td,.columns tbody th{padding-top:.25rem;padding-bottom:.25rem;min-width:auto}
.spark{display:inline-block;vertical-align:bottom}
.grid-of-samples{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:12px 24px}
.samples{display:flex;flex-wrap:wrap;gap:6px;align-items:center}
.samples p{flex-basis:100%;margin:0;font-weight:650}
.samples p span{font-weight:400;color:var(--faint);font-size:.85rem;margin-left:.6em}
.sample{width:72px;height:auto;image-rendering:pixelated;border-radius:4px}
section>h3{margin:1.2rem 0 .4rem}
@media (max-width:640px){th,td{padding:.4rem .5rem}tbody th{min-width:12ch}h1{font-size:1.35rem}h3 span{display:block;margin-left:0}}
@media print{:root{--paper:#fff;--ink:#000;--faint:#444;--line:#bbb;--shade:#f2f2f2;--good:#eef6f0;--good-ink:#14532d;--alert:#9a3412;--alert-shade:#fff4ec}
body{font-size:10.5pt}header,main{max-width:none;padding:0}
.wide{overflow:visible;border:0}table{font-size:7.6pt}th,td{padding:.2rem .3rem}tbody th{min-width:9ch}
figure,article,tr,.samples,.sentences div{break-inside:avoid}h2,h3{break-after:avoid}
th span,.scores td small{font-size:.85em}.sentences{grid-template-columns:repeat(3,1fr)}.sentences p{font-size:9pt}
.spark{width:52px;height:auto}.strip{width:60px;height:auto}}
`.trim();
