import { COLOUR_CSS, PICTURE_CSS } from '../timeline/theme.ts';

/** All the CSS of the page, which loads nothing from anywhere. */
export const PAGE_CSS = `${COLOUR_CSS}
${PICTURE_CSS}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--fd-background);color:var(--fd-ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
main,header,footer{max-width:1168px;margin:0 auto;padding:0 24px}
header{padding-top:28px}
h1,h2,h3,p,dl,dd{margin:0}
h1{font-size:22px;line-height:1.3;font-weight:650;overflow-wrap:anywhere}
.brand{font-size:14px;font-weight:600;color:var(--fd-quiet);margin-bottom:6px}
h2{font-size:22px;line-height:1.3;font-weight:650;overflow-wrap:anywhere}
h3{font-size:15px;font-weight:650;margin:28px 0 8px}
.word{font-size:44px;line-height:1.15;font-weight:780;letter-spacing:-.01em;margin:6px 0 2px}
.word strong{font-weight:inherit}
.trial .word{font-size:30px;margin:2px 0}
.held{color:var(--fd-good)}.violated{color:var(--fd-bad)}.inconclusive{color:var(--fd-doubt)}
.why{font-size:18px;max-width:70ch;overflow-wrap:anywhere}
.quiet{color:var(--fd-quiet)}
.facts{display:flex;flex-wrap:wrap;gap:6px 28px;margin:14px 0 0;padding:0}
.facts div{min-width:0}
.facts dt{font-size:12px;color:var(--fd-quiet)}
.facts dd{font-size:17px;font-weight:600;overflow-wrap:anywhere}
.trial{padding:28px 0 12px;border-top:1px solid var(--fd-rule);margin-top:28px}
.group{margin-top:32px}
.only{border-top:0;margin-top:0;padding-top:0}
figure{margin:20px 0 0}
figcaption{font-size:13px;color:var(--fd-quiet);margin-top:4px}
.fd-svg{display:block;width:100%;height:auto;max-width:1120px}
.fd-narrow{display:none}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:7px 14px 7px 0;border-bottom:1px solid var(--fd-rule);overflow-wrap:break-word}
td.words{overflow-wrap:anywhere}
tbody th{font-size:14px;color:var(--fd-ink);padding-top:16px}
tbody th p{font-weight:400;color:var(--fd-quiet)}
th{font-size:12px;font-weight:600;color:var(--fd-quiet)}
td.number,th.number{text-align:right;white-space:nowrap}
td.outcome{white-space:nowrap;font-weight:650}
.table{overflow-x:auto}
a{color:var(--fd-healer)}
a:focus-visible{outline:2px solid var(--fd-healer);outline-offset:2px}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--fd-panel);padding:10px 14px;margin:6px 0 0;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}
ul{margin:4px 0 0;padding-left:20px}
.problems{border-left:4px solid var(--fd-doubt);padding:2px 14px;margin:14px 0 0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:0 36px}
.pairs{display:grid;grid-template-columns:fit-content(45%) 1fr;gap:3px 16px;font-size:14px}
.pairs dt{color:var(--fd-quiet)}
.pairs dd{overflow-wrap:anywhere;min-width:0}
footer{padding-top:24px;padding-bottom:40px;font-size:13px;color:var(--fd-quiet)}
@media (max-width:720px){
main,header,footer{padding-left:14px;padding-right:14px}
.word{font-size:36px}
.fd-wide{display:none}.fd-narrow{display:block;max-width:520px}
}
@media (max-width:900px){
.table table,.table tbody,.table tr,.table td,.table tbody th{display:block}
.table thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.table tr{border-bottom:1px solid var(--fd-rule);padding:8px 0}
.table td,.table td.number{border:0;padding:1px 0;text-align:left;white-space:normal}
.table td[data-label]::before{content:attr(data-label) " ";font-size:12px;color:var(--fd-quiet)}
}
@media print{
@page{margin:14mm}
body{font-size:11pt}
main,header,footer{max-width:none;padding-left:0;padding-right:0}
.fd-wide{display:block}.fd-narrow{display:none}
.trial{break-before:page;border-top:0;margin-top:0;padding-top:0}
.group{margin-top:32px}
.only{break-before:auto}
figure,tr,.problems,pre{break-inside:avoid}
h2,h3{break-after:avoid}
a{color:inherit;text-decoration:none}
}`;
