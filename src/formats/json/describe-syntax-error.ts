import { excerpt } from '#errors.ts';

/** What other languages write and JSON does not have, by what V8 says of it with the text around: what to write instead. */
const foreign: [fault: RegExp, hint: string][] = [
  [/token 'N'.*NaN/s, 'JSON has no NaN: write null'],
  [/token 'N'.*None/s, 'JSON writes null for None'],
  [/token 'I'.*Infinity|minus sign.*-Infinity/s, 'JSON has no Infinity: write "Infinity" or "-Infinity", in quotes'],
  [/token '[TF]'.*(True|False)/s, 'JSON writes true and false in small letters'],
  [/(token '''|property name).*'/s, 'JSON has double quotes around names and text'],
  [/(token '\]'|double-quoted property name).*,\s*[\]}]/s, 'nothing may stand between the last comma and the bracket'],
];

/** Characters on either side of a fault that a message shows. */
const around = 20;

/**
 * What is wrong with text that JSON.parse refused, as a sentence.
 * @param message V8's own words: they quote the text, or name the position
 */
export function describeSyntaxError(message: string, text: string): string {
  if (text.trim() === '') return 'The body is not JSON: it is empty.';
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  const at = Number(position);
  const isCut = message.includes('end of JSON') || at >= text.trimEnd().length;
  if (isCut) return 'The body is not JSON: it ends before its last bracket or quote is closed.';
  const told = excerpt(message, 160).replace(/ \(line \d+ column \d+\)$/, '');
  const whole = position === undefined ? told : `${told}: ${text.slice(Math.max(0, at - around), at + around)}`;
  const [, hint] = foreign.find(([fault]) => fault.test(whole)) ?? [];
  return hint === undefined ? `The body is not JSON: ${whole}.` : `The body is not JSON: ${hint}. (${whole})`;
}
