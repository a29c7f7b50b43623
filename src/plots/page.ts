import { type Markup, markup } from './markup.ts';
import { reportStyle } from './report-style.ts';

/**
 * A self-contained HTML page: it loads nothing, runs no script, and its only style is `reportStyle`, so that a content
 * security policy can allow just that by its hash.
 */
export function writePage(title: string, lead: string, main: Markup): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${{ markup: reportStyle }}</style>
</head>
<body>
<header><h1>${title}</h1><p class="lead">${lead}</p></header>
<main>
${main}
</main>
</body>
</html>
`.markup;
}
