/** What is said to a terminal, by name. */
export const escapes = {
  beginUpdate: '\u001B[?2026h',
  endUpdate: '\u001B[?2026l',
  saveCursor: '\u001B7',
  restoreCursor: '\u001B8',
  clear: '\u001B[2J\u001B[H',
  enterScreen: '\u001B[?1049h',
  leaveScreen: '\u001B[?1049l',
  hideCursor: '\u001B[?25l',
  showCursor: '\u001B[?25h',
  /** What is pasted arrives between two marks, so that it is not taken for keys. */
  pasteOn: '\u001B[?2004h',
  pasteOff: '\u001B[?2004l',
  mouseOn: '\u001B[?1000h\u001B[?1006h',
  mouseOff: '\u001B[?1006l\u001B[?1000l',
  /** The terminal keeps its title on a stack. */
  keepTitle: '\u001B[22;0t',
  giveBackTitle: '\u001B[23;0t',
} as const;
