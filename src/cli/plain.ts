import { stripVTControlCharacters } from 'node:util';

/** Without escapes, control characters and what changes the direction of writing. */
export const plain = (text: string): string =>
  stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
    character === '\t' || character === '\n' ? character : '',
  );
