const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** Answers an upgrade that is not to be. */
export const upgradeRefusal = (status: number): string => {
  const again = status === 503 ? 'retry-after: 1\r\n' : '';
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${again}connection: close\r\n\r\n`;
};
