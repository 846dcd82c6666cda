/** For a shell, all of which read this alike but for what is before a quote. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Of a `case` in bash and zsh. */
export const patternOf = (texts: readonly string[]): string => texts.map(quoted).join('|');
