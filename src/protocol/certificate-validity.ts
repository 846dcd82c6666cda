/** As a certificate says it of itself. */
export type Validity = { readonly validFrom: string; readonly validTo: string };

/** Why clients refuse it at this time, when they do. */
export const whyInvalid = ({ validFrom, validTo }: Validity, at: number): string | undefined => {
  if (at > Date.parse(validTo)) return `has expired: ${validTo}`;
  if (at < Date.parse(validFrom)) return `is not valid before ${validFrom}`;
  return undefined;
};
