import secureJson from 'secure-json-parse';
import { deepestPayload, mostKeys } from '../../protocol/rpc/payload-shape.ts';

/** It is JSON, but such as nobody takes; the message is the end of a sentence. */
export class JsonRefused extends Error {}

/** Of somebody who is not of this app: no prototype, not too deep, not too many keys. */
export const parseJson = (text: string): unknown => {
  checkShape(text);
  return secureJson.parse(wellFormed(text), { protoAction: 'error', constructorAction: 'error' });
};

/** Half of a letter, which only an escape can write, is no text: it would be this sign over a link. */
const wellFormed = (text: string): string =>
  /\\u[dD]/.test(text)
    ? text.replace(
        /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}|\\./g,
        (sign) => (sign.length === 6 ? '\\ufffd' : sign),
      )
    : text;

/** What a sign outside of texts adds to the depth. */
const levels: Readonly<Record<number, number>> = { 91: 1, 123: 1, 93: -1, 125: -1 };
const colon = 58;
const quote = 34;
const backslash = 92;

/** A parser takes a million levels, but whoever walks through them runs out of stack. */
const checkShape = (text: string): void => {
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === quote) at = endOfText(text, at);
    else if (sign === colon) keys += 1;
    else depth += levels[sign] ?? 0;
    if (depth > deepestPayload) {
      throw new JsonRefused(`is nested deeper than ${deepestPayload} levels`);
    }
  }
  if (keys > mostKeys) throw new JsonRefused(`has more than ${mostKeys} keys`);
};

/** By hand: a regular expression runs out of stack in a text of 8 MB, and takes a hundred times as long. */
const endOfText = (text: string, from: number): number => {
  let end = text.indexOf('"', from + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
};

const isEscaped = (text: string, at: number): boolean => {
  let before = at;
  while (text.charCodeAt(before - 1) === backslash) before -= 1;
  return (at - before) % 2 === 1;
};
