/** A text after its label, broken between words; further lines begin under the first. */
export const hanging = (label: string, text: string, width: number): readonly string[] => {
  const indent = Math.min(label.length, 11);
  const lines: string[] = [];
  let line = label;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
};
