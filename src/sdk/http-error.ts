/** An error that the ingress answers with this status; its message is shown to the client. */
export const httpError = (status: number, message: string): Error =>
  Object.assign(new Error(message), { httpStatus: status, code: `HTTP_${status}` });
