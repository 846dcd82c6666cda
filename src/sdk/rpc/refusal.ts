/** The service did its work, and the answer is no: a page that does not exist is no failure. */
export const isRefusal = (error: unknown): boolean => {
  const { httpStatus } = (error ?? {}) as { readonly httpStatus?: unknown };
  return typeof httpStatus === 'number' && httpStatus >= 400 && httpStatus < 500;
};
